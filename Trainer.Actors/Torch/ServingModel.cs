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
        var target = _batch.Target(rows);
        var user = Schema.PrepareUser(request.User);
        for (var k = 0; k < rows; k++)
        {
            var asked = request.Candidates[k];
            var context = target.Context.Slice(k * _shape.Context, _shape.Context);
            var candidate = Schema.PrepareCandidate(asked.Features);
            user.Encoded.CopyTo(target.User[(k * _shape.User)..]);
            candidate.Encoded.CopyTo(target.Item[(k * _shape.Item)..]);
            Schema.EncodeContext(asked.Context, user, candidate, context);
            _batch.WriteSeeds(k, seeds?.Of(k), seeds?.OfUser, request.UserId, asked.CandidateId);
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var (input, _) = _batch.Read(rows);
        if (Seeded is not { } seeded)
        {
            return (FlatVector.Read(_model.Logits(_weights, input, dropout: null).sigmoid()), []);
        }

        var (logits, lookAlike) = seeded.Rank(_weights, input, dropout: null);
        return (FlatVector.Read(logits.sigmoid()), FlatVector.Read(lookAlike));
    }

    public void Dispose()
    {
        _batch.Dispose();
        _weights.Dispose();
    }
}
