using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;
using RalmActors.Trainer.Torch.Sessions;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch;

/// <summary>A model that only answers: weights without gradients, all candidates of a request in one pass. One thread.</summary>
internal sealed partial class ServingModel : IDisposable
{
    private readonly IRankingModel _model;
    private readonly ParameterSet _weights;
    private readonly BatchBuffer _batch;
    private readonly InputShape _shape;

    /// <exception cref="ArtifactException">The tensors are not those of the model.</exception>
    public ServingModel(ModelArtifact artifact, string device)
    {
        var on = Devices.Parse(device);
        Schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        SchemaId = Schema.Id;
        _shape = InputShape.Of(Schema);
        _model = RankingModels.Create(artifact.Card.Model, _shape);
        _weights = new ParameterSet(_model.Layout, on, trainable: false);
        _batch = new BatchBuffer(_shape, _model as ISeededModel, on);
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

    /// <summary>One probability per candidate, 0 to 1, and what it rests on.</summary>
    /// <param name="seeds">Null: none are known.</param>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public ScoredCandidate[] Score(Score request, RequestSeeds? seeds = null)
    {
        var rows = request.Candidates.Count;
        var (logits, lookAlike) = Rank(request, seeds);
        var scored = new ScoredCandidate[rows];
        var width = lookAlike.Length / rows;
        for (var k = 0; k < rows; k++)
        {
            scored[k] = new ScoredCandidate
            {
                CandidateId = request.Candidates[k].CandidateId,
                Score = logits[k],
                Seeds = seeds?.CountOf(k, request.UserId, request.Candidates[k].CandidateId) ?? 0,
                LookAlike = LookAlikes.ToBytes(LookAlikeTag, lookAlike.AsSpan(k * width, width)),
            };
        }

        return scored;
    }

    /// <summary>Seeds as this model sees them; those whose features it cannot read are left out.</summary>
    public IReadOnlyList<SeedVector> Represent(IReadOnlyCollection<Seed> seeds)
    {
        var users = new float[seeds.Count * _shape.User];
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
        var input = tensor(users.AsSpan(0, readable.Count * _shape.User).ToArray(), device: _weights.Values.device);
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

    private bool TryEncode(Seed seed, Span<float> target)
    {
        try
        {
            Schema.PrepareUser(seed.Features).Encoded.CopyTo(target);
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

    private (float[] Scores, float[] LookAlike) Rank(Score request, RequestSeeds? seeds)
    {
        var rows = request.Candidates.Count;
        var (order, known) = SeedsFirst(request, seeds);
        var target = _batch.Target(rows, seeds?.Clusters);
        var user = Schema.PrepareUser(request.User);
        for (var row = 0; row < rows; row++)
        {
            var asked = request.Candidates[order[row]];
            var context = target.Context.Slice(row * _shape.Context, _shape.Context);
            var candidate = Schema.PrepareCandidate(asked.Features);
            user.Encoded.CopyTo(target.User[(row * _shape.User)..]);
            candidate.Encoded.CopyTo(target.Item[(row * _shape.Item)..]);
            Schema.EncodeContext(asked.Context, user, candidate, context);
            if (row < known)
            {
                _batch.WriteSeeds(row, seeds!.Of(order[row]), seeds.OfUser, request.UserId, asked.CandidateId);
            }
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        if (Seeded is not { } seeded)
        {
            return (FlatVector.Read(_model.Logits(_weights, _batch.Read(rows).Input, dropout: null).sigmoid()), []);
        }

        var (scores, lookAlike) = (new float[rows], new float[rows * seeded.LookAlikeWidth]);
        if (known > 0)
        {
            Put(seeded.Rank(_weights, _batch.Read(known).Input, dropout: null), order.AsSpan(0, known));
        }

        if (known < rows)
        {
            var input = _batch.ReadWithoutSeeds(known, rows - known);
            Put(seeded.Rank(_weights, input, dropout: null), order.AsSpan(known));
        }

        return (scores, lookAlike);

        void Put((Tensor Logits, Tensor LookAlike) part, ReadOnlySpan<int> places)
        {
            var (logits, numbers) = (FlatVector.Read(part.Logits.sigmoid()), FlatVector.Read(part.LookAlike));
            var width = seeded.LookAlikeWidth;
            for (var k = 0; k < places.Length; k++)
            {
                scores[places[k]] = logits[k];
                numbers.AsSpan(k * width, width).CopyTo(lookAlike.AsSpan(places[k] * width));
            }
        }
    }

    /// <summary>
    /// Candidates whose scores rest on seeds come first. The others have a look-alike of nothing, which need not be computed:
    /// most of the time of a request goes into attention.
    /// </summary>
    private static (int[] Order, int Known) SeedsFirst(Score request, RequestSeeds? seeds)
    {
        var of = Enumerable.Range(0, request.Candidates.Count).ToLookup(RestsOnSeeds);
        return ([.. of[true], .. of[false]], of[true].Count());

        bool RestsOnSeeds(int k) =>
            seeds is not null && seeds.CountOf(k, request.UserId, request.Candidates[k].CandidateId) > 0;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _weights.Dispose();
    }
}
