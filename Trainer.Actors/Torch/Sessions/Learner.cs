using System.Collections.Immutable;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;
using RalmActors.Trainer.Torch.Optimizers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>The loss is not a number any more: the weights are lost.</summary>
public sealed class DivergedException : Exception
{
    public DivergedException(string message)
        : base(message) { }

    public DivergedException(string message, Exception inner)
        : base(message, inner) { }

    public DivergedException()
        : base("the loss is not a finite number; a lower learning rate may help") { }
}

/// <summary>A model that learns: weights, gradients and optimiser on one device.</summary>
internal sealed class Learner : IDisposable
{
    private readonly IRankingModel _model;
    private readonly ParameterSet _weights;
    private readonly IOptimizer _optimizer;
    private readonly Dropout _dropout;
    private readonly BatchBuffer _batch;

    public Learner(ModelConfig model, OptimizerConfig optimizer, InputWidths widths, string device)
    {
        var on = Devices.Parse(device);
        _model = RankingModels.Create(model, widths);
        _weights = new ParameterSet(_model.Layout, on, trainable: true);
        _optimizer = Optimizer.Create(optimizer, _weights);
        _dropout = new Dropout(on);
        _batch = new BatchBuffer(widths, on);
    }

    public void Initialise(ulong seed) => _weights.Initialise(seed);

    /// <summary>Weights of the artefact; its optimiser too, when asked for and it is of the same kind.</summary>
    /// <exception cref="ArtifactException">The tensors are not those of this model.</exception>
    public void Restore(ModelArtifact artifact, bool withOptimizer)
    {
        ModelTensors.Assign(_weights.Layout, artifact.Weights, "", _weights.Values);
        if (!withOptimizer)
        {
            return;
        }

        if (artifact.Cursor is not { } cursor || cursor.Optimizer != _optimizer.Name)
        {
            throw new ArtifactException(
                $"the checkpoint's optimiser is {artifact.Cursor?.Optimizer ?? "missing"}, not {_optimizer.Name}"
            );
        }

        _optimizer.Steps = cursor.Steps;
        foreach (var (suffix, state) in _optimizer.State)
        {
            ModelTensors.Assign(_weights.Layout, artifact.State, $".{suffix}", state);
        }
    }

    public ModelArtifact ToArtifact(ModelCard card, long epoch) =>
        new(
            card,
            ModelTensors.Read(_weights.Layout, "", _weights.Values),
            [.. _optimizer.State.SelectMany(s => ModelTensors.Read(_weights.Layout, $".{s.Key}", s.Value))],
            new TrainingCursor(_optimizer.Name, _optimizer.Steps, epoch)
        );

    public BatchTarget Target(int rows) => _batch.Target(rows);

    /// <summary>One optimiser step over the rows written to the target; their mean log loss before it.</summary>
    /// <param name="dropoutSeed"><c>null</c> drops nothing.</param>
    /// <exception cref="DivergedException">The loss is not finite; the weights stay as they were.</exception>
    public double Step(int rows, ulong? dropoutSeed)
    {
        using var scope = NewDisposeScope();
        var (input, labels) = _batch.Read(rows);
        if (dropoutSeed is { } seed)
        {
            _dropout.Begin(seed);
        }

        var loss = binary_cross_entropy_with_logits(
            _model.Logits(_weights, input, dropoutSeed is null ? null : _dropout),
            labels
        );
        var value = loss.item<float>();
        if (!float.IsFinite(value))
        {
            throw new DivergedException();
        }

        loss.backward();
        _optimizer.Step(_weights);
        return value;
    }

    /// <summary>Probabilities of the rows written to the target.</summary>
    public void Score(int rows, Span<float> probabilities)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (input, _) = _batch.Read(rows);
        var scores = _model.Logits(_weights, input, dropout: null).sigmoid().cpu();
        FlatVector.Span(scores)[..rows].CopyTo(probabilities);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _dropout.Dispose();
        _optimizer.Dispose();
        _weights.Dispose();
    }
}
