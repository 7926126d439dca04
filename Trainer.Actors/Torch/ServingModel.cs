using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;
using RalmActors.Trainer.Torch.Sessions;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch;

/// <summary>A model that only answers: weights without gradients, all candidates of a request in one pass. One thread.</summary>
internal sealed class ServingModel : IDisposable
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
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public FeatureSchema Schema { get; }

    public string SchemaId { get; }

    /// <summary>One probability per candidate, 0 to 1.</summary>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public float[] Score(Score request)
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
            _batch.WriteSeeds(k, null, -1, -1);
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var (input, _) = _batch.Read(rows);
        var scores = _model.Logits(_weights, input, dropout: null).sigmoid().cpu();
        return FlatVector.Span(scores)[..rows].ToArray();
    }

    public void Dispose()
    {
        _batch.Dispose();
        _weights.Dispose();
    }
}
