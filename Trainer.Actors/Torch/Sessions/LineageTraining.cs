using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// One model updated online on one device. Nothing is dropped out: the weights are a function of base and batches alone,
/// and one forward pass gives both the prequential loss and the gradient.
/// </summary>
internal sealed class LineageTraining : IDisposable
{
    private static readonly Features Nothing = new();

    private readonly ModelCard _card;
    private readonly IFeatureEncoder _encoder;
    private readonly Learner _learner;

    /// <param name="batchNr">Batches in the artefact; above 0 the optimiser goes on from it.</param>
    public LineageTraining(
        ModelArtifact artifact,
        string hash,
        OptimizerConfig optimizer,
        long batchNr,
        ITrainingInputs inputs,
        string device
    )
    {
        _card = artifact.Card with { Parent = hash };
        _encoder = inputs.Encoder(artifact.Card.SchemaJson);
        _learner = new Learner(artifact.Card.Model, optimizer, _encoder.Widths, device);
        BatchNr = batchNr;
        try
        {
            _learner.Restore(artifact, withOptimizer: batchNr > 0);
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
    }

    /// <summary>The last batch applied.</summary>
    public long BatchNr { get; private set; }

    /// <summary>One step; the batch's mean log loss before it.</summary>
    /// <exception cref="InvalidOperationException">The batch does not follow the last one.</exception>
    public double Apply(long batchNr, IReadOnlyList<Sample> samples)
    {
        if (batchNr != BatchNr + 1)
        {
            throw new InvalidOperationException($"batch {batchNr} does not follow batch {BatchNr}");
        }

        var target = _learner.Target(samples.Count);
        var widths = _encoder.Widths;
        for (var k = 0; k < samples.Count; k++)
        {
            var sample = samples[k];
            _encoder.EncodeUser(sample.User ?? Nothing, Row(target.User, k, widths.User));
            _encoder.EncodeItem(sample.Candidate ?? Nothing, Row(target.Item, k, widths.Item));
            _encoder.EncodeContext(
                sample.Context ?? Nothing,
                sample.User ?? Nothing,
                sample.Candidate ?? Nothing,
                Row(target.Context, k, widths.Context)
            );
            target.Labels[k] = sample.Label;
        }

        var loss = _learner.Step(samples.Count, dropoutSeed: null);
        BatchNr = batchNr;
        return loss;
    }

    public ModelArtifact Checkpoint() => _learner.ToArtifact(_card, BatchNr);

    public void Dispose() => _learner.Dispose();

    private static Span<float> Row(Span<float> rows, int row, int width) => rows.Slice(row * width, width);
}
