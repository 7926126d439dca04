using Google.Protobuf;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Seeds;
using Ralm.Models.Tensors;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Calibration;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using static TorchSharp.torch;

namespace Ralm.Models.Serving;

/// <summary>A model that only answers: weights without gradients, all candidates of a request in one pass. One thread.</summary>
internal sealed class ServingModel : IDisposable
{
    /// <summary>Products of fewer rows end in other bits than those of many, which an evaluation computes.</summary>
    internal const int LeastRows = 4;

    private readonly IRankingModel _model;
    private readonly ParameterSet _weights;
    private readonly BatchBuffer _batch;
    private readonly RequestLookAlikes? _lookAlikes;
    private readonly InputShape _shape;
    private readonly ScoreCalibration _calibration;
    private readonly RequestEncoder _encoder;
    private readonly ScoreExplainer _explainer;

    /// <exception cref="ArtifactException">The tensors are not those of the model.</exception>
    public ServingModel(ModelArtifact artifact, string device)
    {
        var on = Devices.Parse(device);
        Schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        SchemaId = Schema.Id;
        _calibration = artifact.Card.Calibration;
        _shape = InputShape.Of(Schema);
        _model = RankingModels.Create(artifact.Card.Model, _shape);
        _weights = new ParameterSet(_model.Layout, on, trainable: false);
        _batch = new BatchBuffer(_shape, Seeded, on, made: true);
        _encoder = new RequestEncoder(Schema);
        _explainer = new ScoreExplainer(Schema, _encoder, _model, _weights, _calibration, on);
        _lookAlikes = Seeded is null ? null : new RequestLookAlikes(Seeded, _weights, _shape.Reciprocal);
        try
        {
            ModelTensors.Assign(_weights.Layout, artifact.Weights, "", _weights.Values);
            LookAlikeTag = Seeded is { } seeded ? LookAlikes.Tag(seeded, _weights) : 0;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public FeatureSchema Schema { get; }

    public string SchemaId { get; }

    /// <summary>The model, if it knows candidates by their seeds.</summary>
    public ISeededModel? Seeded => _model as ISeededModel;

    /// <summary>Names all weights that seeds depend on.</summary>
    public uint LookAlikeTag { get; }

    /// <summary>Takes over what a lineage has learned: from the next score on.</summary>
    /// <param name="from">Place of the first number among the model's.</param>
    /// <exception cref="ArgumentException">They are not the numbers that change online.</exception>
    public void Adopt(int from, ReadOnlySpan<float> learned)
    {
        var first = Seeded?.LookAlikeLength ?? 0;
        if (from != first || from + learned.Length != _weights.Layout.Length)
        {
            throw new ArgumentException(
                $"{learned.Length} numbers at {from}: those that change online are {_weights.Layout.Length - first} at {first}",
                nameof(from)
            );
        }

        using var values = _weights.Values.narrow(0, from, learned.Length);
        FlatVector.Write(values, learned);
    }

    /// <summary>One probability per candidate, 0 to 1, and what it rests on.</summary>
    /// <param name="seeds">Null: none are known.</param>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public ScoredCandidate[] Score(Score request, RequestSeeds? seeds = null)
    {
        var rows = request.Candidates.Count;
        var computed = Encode(request);
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var input = _batch.Read(computed).Input;
        var (numbers, counts) =
            _lookAlikes?.Of(request, seeds, input.User.narrow(0, 0, LeastRows), input.Item) ?? ([], []);
        var width = numbers.Length / rows;
        for (var k = 0; k < rows; k++)
        {
            _batch.WriteLookAlike(k, numbers.AsSpan(k * width, width));
        }

        var scores = Probabilities(rows, computed);
        var scored = new ScoredCandidate[rows];
        for (var k = 0; k < rows; k++)
        {
            scored[k] = new ScoredCandidate
            {
                CandidateId = request.Candidates[k].CandidateId,
                Score = scores[k],
                Seeds = _lookAlikes is null ? 0 : counts[k],
                LookAlike = LookAlikes.ToBytes(LookAlikeTag, numbers.AsSpan(k * width, width)),
            };
        }

        return scored;
    }

    /// <summary>The same by what was made of seeds when the request was answered; what another model's seeds said is none.</summary>
    /// <param name="lookAlikes">As each candidate's score told them.</param>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public float[] Score(Score request, IReadOnlyList<ByteString> lookAlikes)
    {
        var computed = Encode(request);
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var numbers = new float[Seeded?.LookAlikeWidth ?? 0];
        for (var k = 0; k < request.Candidates.Count && numbers.Length > 0; k++)
        {
            LookAlikes.TryRead(lookAlikes[k], LookAlikeTag, numbers);
            _batch.WriteLookAlike(k, numbers);
        }

        return Probabilities(request.Candidates.Count, computed);
    }

    /// <inheritdoc cref="ScoreExplainer.Explain"/>
    public ExplainReply Explain(Score request, RequestSeeds? seeds, int topSeeds) =>
        _explainer.Explain(request, seeds, topSeeds);

    public IEnumerable<UnknownFeature> Unknown(Score request) => UnknownFeatures.Of(Schema, request);

    /// <summary>Seeds as this model sees them; those whose features it cannot read are left out.</summary>
    public IReadOnlyList<SeedVector> Represent(IReadOnlyCollection<Seed> seeds)
    {
        var users = new float[Math.Max(LeastRows, seeds.Count) * _shape.User];
        var readable = new List<Seed>(seeds.Count);
        foreach (var seed in seeds)
        {
            if (TryEncode(seed, users.AsSpan(readable.Count * _shape.User, _shape.User)))
            {
                readable.Add(seed);
            }
        }

        if (readable.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var input = tensor(
            users[..(Math.Max(LeastRows, readable.Count) * _shape.User)],
            device: _weights.Values.device
        );
        var represented = Seeded!.Represent(_weights, input.view(-1, _shape.User));
        var (of, transformed) = (
            FlatVector.Read(represented),
            FlatVector.Read(Seeded.Transform(_weights, represented))
        );
        var width = Seeded.RepresentationWidth;
        return
        [
            .. readable.Select(
                (s, k) =>
                    new SeedVector(
                        s.UserId,
                        of.AsSpan(k * width, width).ToArray(),
                        transformed.AsSpan(k * width, width).ToArray()
                    )
            ),
        ];
    }

    /// <param name="computed">Rows of the batch, those asked for first.</param>
    private float[] Probabilities(int rows, int computed)
    {
        var scores = new float[rows];
        var logits = _model.Logits(_weights, _batch.Read(computed).Input, dropout: null).narrow(0, 0, rows);
        CalibratedScores.Write(logits, _calibration, scores);
        return scores;
    }

    private bool TryEncode(Seed seed, Span<float> target)
    {
        try
        {
            Schema.PrepareUser(seed.UserId, seed.Features).Encoded.CopyTo(target);
        }
        catch (FeatureException)
        {
            return false;
        }

        foreach (var value in target)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>Rows to compute: the candidates', and more where they are few.</returns>
    private int Encode(Score request)
    {
        var rows = Math.Max(LeastRows, request.Candidates.Count);
        var target = _batch.Target(rows);
        var user = _encoder.User(request);
        for (var row = 0; row < request.Candidates.Count; row++)
        {
            var context = target.Context.Slice(row * _shape.Context, _shape.Context);
            var candidate = _encoder.Candidate(request, row);
            user.Encoded.CopyTo(target.User[(row * _shape.User)..]);
            candidate.Encoded.CopyTo(target.Item[(row * _shape.Item)..]);
            _encoder.Context(request, row, user, candidate, context);
        }

        for (var row = request.Candidates.Count; row < rows; row++)
        {
            target.User[.._shape.User].CopyTo(target.User[(row * _shape.User)..]);
            target.Item[.._shape.Item].CopyTo(target.Item[(row * _shape.Item)..]);
            target.Context[.._shape.Context].CopyTo(target.Context[(row * _shape.Context)..]);
            _batch.WriteLookAlike(row, []);
        }

        return rows;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _explainer.Dispose();
        _lookAlikes?.Dispose();
        _weights.Dispose();
    }
}
