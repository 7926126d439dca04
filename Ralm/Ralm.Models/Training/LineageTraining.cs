using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Ralm.Drift.Detectors;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Optimizers;
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
/// <param name="Measured">How good the predictions were, where it is time to tell.</param>
/// <param name="Behind">They are worse than those of the starting weights.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LearnedBatch(
    double Loss,
    int Rows,
    int PassedOver,
    string? Diverged = null,
    ReactionStep Reaction = default,
    LineageMeasured? Measured = null,
    LineageFellBehind? Behind = null
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
    private readonly Func<Learner> _another;
    private LineageSettings _settings;
    private GuardedReaction? _reaction;
    private PrequentialScores? _prequential;
    private float[] _rows = [];
    private float[] _logOdds = [];
    private float[] _shown = [];
    private float[] _weights = [];
    private bool _areWeighed;

    /// <param name="settings">Every field of it set.</param>
    /// <param name="batchNr">Batches before the next one.</param>
    /// <param name="from">What the artefact is to the lineage.</param>
    /// <param name="start">The version it started from, for checkpoints that do not remember its weights; null: it is gone.</param>
    /// <exception cref="FeatureException">The artefact's schema is not one this release reads.</exception>
    /// <exception cref="ArtifactException">The artefact is not a checkpoint of such a lineage.</exception>
    public LineageTraining(
        ModelArtifact artifact,
        string hash,
        LineageSettings settings,
        long batchNr,
        string device,
        LineageStart from = LineageStart.Base,
        Func<ModelArtifact?>? start = null
    )
    {
        var isFirst = from == LineageStart.Base;
        // The base, however many checkpoints lie between: an artefact's bytes do not depend on when it was reopened.
        _card = isFirst ? artifact.Card with { Parent = hash } : artifact.Card;
        _schema = FeatureSchema.FromJson(artifact.Card.SchemaJson);
        _shape = InputShape.Of(_schema);
        _settings = settings;
        _another = NewLearner;
        _learner = NewLearner();
        _lookAlike = new float[_learner.Seeded?.LookAlikeWidth ?? 0];
        _form = new RowForm(_shape, _lookAlike.Length);
        _reaction = NewReaction();
        BatchNr = batchNr;
        try
        {
            _learner.Restore(
                artifact,
                withOptimizer: !isFirst && artifact.Cursor?.Optimizer == settings.Optimizer.Name
            );
            _lookAlikeTag = _lookAlike.Length > 0 ? _learner.LookAlikeTag : 0;
            _prequential = Prequential(artifact, isFirst, start);
            if (!isFirst && artifact.Memory is { } memory)
            {
                Restore(memory, artifact, goesOn: from == LineageStart.Checkpoint);
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Learner NewLearner() =>
            new(artifact.Card.Model, _settings.Optimizer, _shape, device, online: true)
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
            var logOdds = _logOdds.AsSpan(0, rows);
            var weights = _areWeighed ? _weights.AsSpan(0, rows) : [];
            _prequential?.Look(rows);
            var loss = _learner.Backward(
                rows,
                dropoutSeed: null,
                logOdds,
                _settings.LossThreshold,
                weights,
                out var teaching
            );
            if (teaching > 0)
            {
                _learner.StepOrStay((_reaction?.RateFactor ?? 1) * StepOf(teaching));
            }

            var encoded = _rows.AsSpan(0, rows * _form.Width);
            var step = _reaction?.Learned(batchNr, encoded, logOdds, weights, _learner, StepOf(rows), ShareOf(rows));
            var told = _prequential?.Add(
                batchNr,
                _form.Labels(encoded),
                _shown.AsSpan(0, rows),
                logOdds,
                _settings.GuardAlpha
            );
            return new LearnedBatch(
                loss,
                rows,
                samples.Count - rows,
                Reaction: step ?? default,
                Measured: told?.Measured,
                Behind: told?.Behind
            );
        }
        catch (DivergedException e)
        {
            return new LearnedBatch(0, 0, 0, e.Message);
        }
    }

    /// <summary>From the next batch on.</summary>
    public void Change(LineageSettings settings)
    {
        var before = _settings;
        _settings = settings;
        if (!settings.Optimizer.Equals(before.Optimizer))
        {
            _learner.Use(settings.Optimizer);
            _reaction?.Use(settings.Optimizer);
        }

        if (!Equals(settings.Reaction, before.Reaction))
        {
            var now = NewReaction();
            now?.TakeWindow(_reaction);
            _reaction?.Dispose();
            _reaction = now;
        }
    }

    /// <summary>A reaction that is under way ends here, without an outcome.</summary>
    public void EndReaction() => _reaction?.Drop();

    /// <summary>What of the weights changes online, as they are now: the place of the first number, and all of them.</summary>
    public (int From, float[] Values) OnlineWeights() => _learner.OnlineWeights();

    public ModelArtifact Checkpoint()
    {
        var memory = new LineageMemory();
        var tensors = new List<NamedTensor>();
        _reaction?.Save(memory, tensors, _card);
        _prequential?.Save(memory, tensors);
        return _learner.ToArtifact(_card, BatchNr) with
        {
            Memory = new OnlineMemory([.. tensors], memory.ToByteString().ToBase64()),
        };
    }

    public void Dispose()
    {
        _learner.Dispose();
        _reaction?.Dispose();
        _prequential?.Dispose();
    }

    private GuardedReaction? NewReaction() =>
        _settings.Reaction is null or { Detector: DriftDetectors.None }
            ? null
            : new GuardedReaction(_settings.Reaction, _form, _another);

    private PrequentialScores? Prequential(ModelArtifact artifact, bool isFirst, Func<ModelArtifact?>? start)
    {
        if (isFirst)
        {
            return new PrequentialScores(_learner.Freeze());
        }

        if (PrequentialScores.FrozenOf(artifact.Memory) is { } learned)
        {
            return new PrequentialScores(_learner.Freeze().With(learned.Span));
        }

        // Of a release that did not remember.
        return start?.Invoke() is { } first ? new PrequentialScores(_learner.Freeze().With(first)) : null;
    }

    private void Restore(OnlineMemory memory, ModelArtifact artifact, bool goesOn)
    {
        try
        {
            var state = LineageMemory.Parser.ParseFrom(ByteString.FromBase64(memory.Text));
            _reaction?.Restore(state, memory, artifact, goesOn);
            _prequential?.Restore(state);
        }
        catch (Exception e)
            when (e
                    is InvalidDataException
                        or InvalidProtocolBufferException
                        or InvalidOperationException
                        or FormatException
            )
        {
            throw new ArtifactException($"what the lineage remembers cannot be read: {e.Message}", e);
        }
    }

    private double ShareOf(int rows) => _settings.StepsBySize ? Math.Min(1, (double)rows / _settings.BatchSize) : 1;

    /// <summary>
    /// Of a whole step, for a batch of so many rows. Adam divides by the size of gradients, which falls with the root of the batch
    /// (Malladi, Lyu, Panigrahi, Arora 2022); others are linear in it (Goyal et al. 2017).
    /// </summary>
    private double StepOf(int rows) =>
        _settings.Optimizer.Name is Adam.OptimizerName or Adam.DecoupledName ? Math.Sqrt(ShareOf(rows)) : ShareOf(rows);

    private int Encode(IReadOnlyList<Sample> samples)
    {
        var target = _learner.Target(Math.Max(1, samples.Count));
        if (_logOdds.Length < samples.Count)
        {
            (_logOdds, _shown, _weights) = (
                new float[samples.Count],
                new float[samples.Count],
                new float[samples.Count]
            );
            _rows = new float[samples.Count * _form.Width];
        }

        _areWeighed = samples.Any(s => s.HasWeight);
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
                _form.Write(_rows.AsSpan(rows * _form.Width, _form.Width), target, rows, _lookAlike);
                _shown[rows] = sample.HasScore ? sample.Score : float.NaN;
                _weights[rows] = sample.HasWeight ? sample.Weight : 1;
                rows++;
            }
        }

        return rows;
    }

    /// <summary>False with a number that is none.</summary>
    private static bool Within(ReadOnlySpan<float> values, float max) =>
        values.IsEmpty || Math.Abs(TensorPrimitives.MaxMagnitude(values)) <= max;
}
