using Ralm.Drift.Prequential;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Training;
using Figures = RalmActors.Messages.Training.PrequentialFigures;

namespace Ralm.Models.Training;

/// <summary>
/// How good the predictions of a lineage are, on each sample before it is learned: those that people were shown, those of the
/// weights so far, and those of the weights it started from. It is a function of the batches.
/// </summary>
/// <remarks>
/// Whether the weights of now are behind those of the start is a test that may be looked at after every row (<see cref="PairedLosses"/>).
/// It begins anew at each telling where they are not, which is an e-detector of one start per telling: until it errs, 1 / alpha of them are
/// expected at least (Shin, Ramdas, Rinaldo 2022).
/// </remarks>
/// <param name="frozen">The model as the lineage started; it becomes its own.</param>
internal sealed class PrequentialScores(FrozenModel frozen) : IDisposable
{
    private const string Tensor = "frozen";

    /// <summary>Samples between two tellings, once there are so many; before that they double.</summary>
    private const long Every = 500;
    private const long First = 50;

    private PrequentialEvaluation _evaluation = new(new PrequentialOptions(Window: 1_000));
    private long _toldNext = First;
    private PairedLosses _behind = new();
    private long _behindSince;
    private double _behindLeast;
    private float[] _frozenLogOdds = [];

    /// <summary>What the starting weights say of the rows written to the learner's target.</summary>
    public void Look(int rows)
    {
        _frozenLogOdds = _frozenLogOdds.Length < rows ? new float[rows] : _frozenLogOdds;
        frozen.LogOdds(_frozenLogOdds.AsSpan(0, rows));
    }

    /// <summary>The rows last looked at.</summary>
    /// <param name="labels">Of each row, 0 to 1.</param>
    /// <param name="shown">Of each row, the probability that was told when it was shown; NaN: not known.</param>
    /// <param name="logOdds">Of each row, what the model's loss is of, before it learned it.</param>
    /// <param name="alpha">Of being behind; 0: it is not asked.</param>
    /// <returns>What is to be told now; nulls: nothing.</returns>
    public (LineageMeasured? Measured, LineageFellBehind? Behind) Add(
        long batchNr,
        ReadOnlySpan<float> labels,
        ReadOnlySpan<float> shown,
        ReadOnlySpan<float> logOdds,
        double alpha
    )
    {
        for (var k = 0; k < logOdds.Length; k++)
        {
            var latest = (float)frozen.Calibration.ProbabilityOfLine(logOdds[k]);
            var served = float.IsNaN(shown[k]) ? latest : shown[k];
            var start = (float)frozen.Calibration.ProbabilityOfLine(_frozenLogOdds[k]);
            _evaluation = _evaluation.Add(new ScoredRow(labels[k], served, latest, start));
            _behind = _behind.Add(labels[k], latest, start);
        }

        var measured = Measure(batchNr);
        var behind = alpha > 0 && _behind.SecondIsBetter(alpha) ? Behind(batchNr) : null;
        if (behind is not null || measured?.Latest.LogLoss <= measured?.Frozen.LogLoss)
        {
            (_behind, _behindSince, _behindLeast) = (new PairedLosses(), batchNr, 0);
        }
        else if (_behind.MeanDifference * _behind.Rows is var excess && excess <= _behindLeast)
        {
            // From where the losses have added up to the least, it has been worse.
            (_behindSince, _behindLeast) = (batchNr, excess);
        }

        return (measured, behind);
    }

    private LineageFellBehind Behind(long batchNr) =>
        new()
        {
            BatchNr = batchNr,
            SinceBatchNr = _behindSince,
            Samples = _behind.Rows,
            ExcessLoss = _behind.MeanDifference,
        };

    private LineageMeasured? Measure(long batchNr)
    {
        if (_evaluation.Rows < _toldNext)
        {
            return null;
        }

        while (_toldNext <= _evaluation.Rows)
        {
            _toldNext += Math.Min(Every, _toldNext);
        }

        return new LineageMeasured
        {
            BatchNr = batchNr,
            Samples = _evaluation.Rows,
            Served = Told(Predictor.Served),
            Latest = Told(Predictor.Latest),
            Frozen = Told(Predictor.Frozen),
        };
    }

    public void Save(LineageMemory memory, ICollection<NamedTensor> tensors)
    {
        memory.Prequential = Google.Protobuf.ByteString.CopyFrom(_evaluation.Save());
        memory.ToldNext = _toldNext;
        memory.Behind = Google.Protobuf.ByteString.CopyFrom(_behind.Save());
        (memory.BehindSince, memory.BehindLeast) = (_behindSince, _behindLeast);
        var values = frozen.Learned;
        tensors.Add(new NamedTensor(Tensor, [values.Length], values));
    }

    /// <summary>The weights that a lineage started from, out of what it remembers; null: it does not.</summary>
    public static ReadOnlyMemory<float>? FrozenOf(OnlineMemory? memory) =>
        memory?.Tensors.FirstOrDefault(t => t.Name == Tensor)?.Values;

    /// <summary>Goes on where it was saved.</summary>
    /// <exception cref="InvalidDataException">The memory is not that of such figures.</exception>
    public void Restore(LineageMemory memory)
    {
        if (memory.Prequential.Length > 0)
        {
            (_evaluation, _toldNext) = (PrequentialEvaluation.Load(memory.Prequential.Memory), memory.ToldNext);
        }

        if (memory.Behind.Length > 0)
        {
            _behind = PairedLosses.Load(memory.Behind.Memory);
            (_behindSince, _behindLeast) = (memory.BehindSince, memory.BehindLeast);
        }
    }

    public void Dispose() => frozen.Dispose();

    private Figures Told(Predictor predictor)
    {
        var windowed = _evaluation.Windowed(predictor);
        var told = new Figures
        {
            Samples = (int)windowed.Rows,
            LogLoss = windowed.LogLoss,
            Accuracy = windowed.Accuracy,
            MeanPredicted = windowed.MeanPredicted,
            MeanObserved = windowed.MeanObserved,
            CalibrationError = windowed.CalibrationError,
            FadingLogLoss = _evaluation.Fading(predictor).LogLoss,
        };
        if (double.IsFinite(windowed.Auc))
        {
            told.Auc = windowed.Auc;
        }

        return told;
    }
}
