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
    private readonly InputWidths _widths;

    /// <exception cref="ArtifactException">The tensors are not those of the model.</exception>
    public ServingModel(ModelArtifact artifact, string device)
    {
        var on = Devices.Parse(device);
        Schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        _widths = InputWidths.Of(Schema);
        _model = RankingModels.Create(artifact.Card.Model, _widths);
        _weights = new ParameterSet(_model.Layout, on, trainable: false);
        _batch = new BatchBuffer(_widths, on);
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

    /// <summary>One probability per candidate, 0 to 1.</summary>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public float[] Score(Score request)
    {
        var rows = request.Candidates.Count;
        var target = _batch.Target(rows);
        var user = target.User[.._widths.User];
        Schema.User.Encode(request.User, user);
        for (var k = 0; k < rows; k++)
        {
            user.CopyTo(target.User[(k * _widths.User)..]);
            Encode(request.Candidates[k], k, target);
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

    private void Encode(Candidate candidate, int row, BatchTarget target)
    {
        Schema.Candidate.Encode(candidate.Features, target.Item.Slice(row * _widths.Item, _widths.Item));
        Schema.Context.Encode(candidate.Context, target.Context.Slice(row * _widths.Context, _widths.Context));
    }
}
