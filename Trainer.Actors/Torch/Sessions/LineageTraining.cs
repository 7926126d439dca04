using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// One model updated online on one device. Nothing is dropped out: the weights are a function of base and batches alone,
/// and one forward pass gives both the prequential loss and the gradient. Of a model that knows candidates by their seeds
/// only the ranking is learned; what was made of the seeds comes with the sample, as it was when the candidate was shown.
/// </summary>
internal sealed class LineageTraining : IDisposable
{
    private readonly ModelCard _card;
    private readonly FeatureSchema _schema;
    private readonly InputShape _shape;
    private readonly Learner _learner;
    private readonly float[] _lookAlike;
    private readonly uint _lookAlikeTag;

    /// <param name="batchNr">Batches in the artefact; above 0 the optimiser goes on from it.</param>
    /// <exception cref="FeatureException">The artefact's schema is not one this release reads.</exception>
    public LineageTraining(ModelArtifact artifact, string hash, OptimizerConfig optimizer, long batchNr, string device)
    {
        // The base, however many checkpoints lie between: an artefact's bytes do not depend on when it was reopened.
        _card = batchNr > 0 ? artifact.Card : artifact.Card with { Parent = hash };
        _schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        _shape = InputShape.Of(_schema);
        _learner = new Learner(artifact.Card.Model, optimizer, _shape, device, online: true);
        _lookAlike = new float[_learner.Seeded?.LookAlikeWidth ?? 0];
        BatchNr = batchNr;
        try
        {
            _learner.Restore(artifact, withOptimizer: batchNr > 0);
            _lookAlikeTag = _lookAlike.Length > 0 ? _learner.LookAlikeTag : 0;
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
    }

    /// <summary>The last batch applied.</summary>
    public long BatchNr { get; private set; }

    /// <summary>
    /// One step; the batch's mean log loss before it. A sample that the schema cannot encode is passed over, here and at
    /// every replay: it is journaled, and must not hold up all that follow. Without any other the weights stay.
    /// </summary>
    /// <returns>The loss, and how many samples were passed over.</returns>
    /// <exception cref="InvalidOperationException">The batch does not follow the last one.</exception>
    public (double Loss, int PassedOver) Apply(long batchNr, IReadOnlyList<Sample> samples)
    {
        if (batchNr != BatchNr + 1)
        {
            throw new InvalidOperationException($"batch {batchNr} does not follow batch {BatchNr}");
        }

        var rows = Encode(samples);
        var loss = 0.0;
        if (rows > 0)
        {
            loss = _learner.Backward(rows, dropoutSeed: null);
            _learner.Step();
        }

        BatchNr = batchNr;
        return (loss, samples.Count - rows);
    }

    public ModelArtifact Checkpoint() => _learner.ToArtifact(_card, BatchNr);

    public void Dispose() => _learner.Dispose();

    private int Encode(IReadOnlyList<Sample> samples)
    {
        var target = _learner.Target(Math.Max(1, samples.Count));
        var rows = 0;
        foreach (var sample in samples)
        {
            var user = target.User.Slice(rows * _shape.User, _shape.User);
            var item = target.Item.Slice(rows * _shape.Item, _shape.Item);
            var context = target.Context.Slice(rows * _shape.Context, _shape.Context);
            try
            {
                _schema.Encode(sample, user, item, context);
            }
            catch (FeatureException)
            {
                continue;
            }

            LookAlikes.TryRead(sample.LookAlike, _lookAlikeTag, _lookAlike);
            if (
                AllFinite(user)
                && AllFinite(item)
                && AllFinite(context)
                && AllFinite(_lookAlike)
                && float.IsFinite(sample.Label)
            )
            {
                _learner.WriteLookAlike(rows, _lookAlike);
                target.Labels[rows++] = sample.Label;
            }
        }

        return rows;
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
