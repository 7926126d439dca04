using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Ralm.Drift.Detectors;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Seeds;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <param name="Loss">Mean log loss of the rows before the step.</param>
/// <param name="Rows">Samples learned. 0: the weights stay as they were.</param>
/// <param name="PassedOver">Samples that do not fit the schema.</param>
/// <param name="Diverged">Why nothing of the batch could be learned; <c>null</c>: it was.</param>
/// <param name="Reaction">What was noticed, and what has become of a reaction.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LearnedBatch(
    double Loss,
    int Rows,
    int PassedOver,
    string? Diverged = null,
    ReactionStep Reaction = default
);

/// <summary>
/// One model updated online on one device. Nothing is dropped out: the weights are a function of base and batches alone,
/// and one forward pass gives both the prequential loss and the gradient. Of a model that knows candidates by their seeds
/// only the ranking is learned; what was made of the seeds comes with the sample, as it was when the candidate was shown.
/// What calibrates the base calibrates all that grows from it.
/// </summary>
internal sealed class LineageTraining : IDisposable
{
    /// <summary>In size; what a schema encodes stays within ten, but for vectors of latent spaces.</summary>
    private const float MaxEncoded = 1_000;

    private readonly ModelCard _card;
    private readonly FeatureSchema _schema;
    private readonly InputShape _shape;
    private readonly Learner _learner;
    private readonly float[] _lookAlike;
    private readonly uint _lookAlikeTag;
    private readonly RowForm _form;
    private readonly GuardedReaction? _reaction;
    private float[] _rows = [];
    private float[] _logOdds = [];

    /// <param name="batchNr">Batches in the artefact; above 0 the optimiser goes on from it.</param>
    /// <param name="reaction">Every field of it set; null: nothing is noticed.</param>
    /// <exception cref="FeatureException">The artefact's schema is not one this release reads.</exception>
    /// <exception cref="ArtifactException">The artefact is not a checkpoint of such a lineage.</exception>
    public LineageTraining(
        ModelArtifact artifact,
        string hash,
        OptimizerConfig optimizer,
        long batchNr,
        string device,
        DriftReaction? reaction = null
    )
    {
        // The base, however many checkpoints lie between: an artefact's bytes do not depend on when it was reopened.
        _card = batchNr > 0 ? artifact.Card : artifact.Card with { Parent = hash };
        _schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        _shape = InputShape.Of(_schema);
        _learner = NewLearner();
        _lookAlike = new float[_learner.Seeded?.LookAlikeWidth ?? 0];
        _form = new RowForm(_shape, _lookAlike.Length);
        _reaction = reaction is null or { Detector: DriftDetectors.None }
            ? null
            : new GuardedReaction(reaction, _form, NewLearner);
        BatchNr = batchNr;
        try
        {
            _learner.Restore(artifact, withOptimizer: batchNr > 0);
            _lookAlikeTag = _lookAlike.Length > 0 ? _learner.LookAlikeTag : 0;
            if (batchNr > 0 && artifact.Memory is { } memory)
            {
                _reaction?.Restore(memory, artifact);
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Learner NewLearner() =>
            new(artifact.Card.Model, optimizer, _shape, device, online: true)
            {
                Calibration = artifact.Card.Calibration,
            };
    }

    /// <summary>Of the model it started from; empty: none.</summary>
    public string SeedsHash { get; init; } = "";

    /// <summary>The last batch applied.</summary>
    public long BatchNr { get; private set; }

    /// <summary>
    /// One step. A sample that the schema cannot encode to numbers within bounds is passed over, here and at every replay: it
    /// is journaled, and must not hold up all that follow. Without any other the weights stay. They stay too where the batch
    /// cannot be learned, and the next one follows all the same.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch does not follow the last one.</exception>
    public LearnedBatch Apply(long batchNr, IReadOnlyList<Sample> samples)
    {
        if (batchNr != BatchNr + 1)
        {
            throw new InvalidOperationException($"batch {batchNr} does not follow batch {BatchNr}");
        }

        var rows = Encode(samples);
        BatchNr = batchNr;
        if (rows == 0)
        {
            return new LearnedBatch(0, 0, samples.Count);
        }

        try
        {
            var logOdds = _reaction is null ? default : _logOdds.AsSpan(0, rows);
            var loss = _learner.Backward(rows, dropoutSeed: null, logOdds);
            _learner.StepOrStay(_reaction?.RateFactor ?? 1);
            var step = _reaction?.Learned(batchNr, _rows.AsSpan(0, rows * _form.Width), logOdds, _learner);
            return new LearnedBatch(loss, rows, samples.Count - rows, Reaction: step ?? default);
        }
        catch (DivergedException e)
        {
            return new LearnedBatch(0, 0, 0, e.Message);
        }
    }

    public ModelArtifact Checkpoint() => _learner.ToArtifact(_card, BatchNr) with { Memory = _reaction?.Save(_card) };

    public void Dispose()
    {
        _learner.Dispose();
        _reaction?.Dispose();
    }

    private int Encode(IReadOnlyList<Sample> samples)
    {
        var target = _learner.Target(Math.Max(1, samples.Count));
        if (_reaction is not null && _logOdds.Length < samples.Count)
        {
            (_logOdds, _rows) = (new float[samples.Count], new float[samples.Count * _form.Width]);
        }

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
                Within(user, MaxEncoded)
                && Within(item, MaxEncoded)
                && Within(context, MaxEncoded)
                && Within(_lookAlike, LookAlikeForm.MaxNumber)
                && float.IsFinite(sample.Label)
            )
            {
                _learner.WriteLookAlike(rows, _lookAlike);
                target.Labels[rows] = sample.Label;
                if (_reaction is not null)
                {
                    _form.Write(_rows.AsSpan(rows * _form.Width, _form.Width), target, rows, _lookAlike);
                }

                rows++;
            }
        }

        return rows;
    }

    /// <summary>False with a number that is none.</summary>
    private static bool Within(ReadOnlySpan<float> values, float max) =>
        values.IsEmpty || Math.Abs(TensorPrimitives.MaxMagnitude(values)) <= max;
}
