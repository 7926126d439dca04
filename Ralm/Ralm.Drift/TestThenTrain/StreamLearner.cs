using Ralm.Drift.Detectors;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Online;

namespace Ralm.Drift.TestThenTrain;

/// <summary>
/// Test, then train: each row is scored by what is served and by a frozen base, and then learned. It notices when the
/// log loss has become worse, and reacts on a guarded copy. Bounded, and a function of the rows and the seed.
/// </summary>
public sealed class StreamLearner
{
    /// <summary>Newest rows kept for a reaction.</summary>
    public const int Window = 1_000;

    private readonly FrozenBase _base;
    private readonly OnlineInputs _inputs;
    private readonly RecentRows _recent = new(Window);
    private OnlineMixture _served;
    private GuardedCopy? _copy;

    /// <summary>
    /// A change that is learned within fifty rows costs too little to be seen in what is served; in weights that are a mean
    /// over thousands it stands out. These err together for long while they still learn: so only what is beyond any chance.
    /// </summary>
    private readonly LossWatch _watch = new(DriftDetectors.Parse("adwin"), DriftDetectors.Parse("adwin delta=1e-8"));

    /// <param name="rows">The first ones, encoded; the base is fitted to them, and the learner has seen them once.</param>
    /// <param name="numbers">The first so many encoded numbers want a scale; NaN: missing.</param>
    /// <param name="width">Encoded numbers of a row.</param>
    public StreamLearner(IReadOnlyList<double[]> rows, IReadOnlyList<double> labels, int numbers, int width, ulong seed)
    {
        _base = FrozenBase.Fit(rows, labels, numbers, width, seed);
        _inputs = new OnlineInputs(numbers, width);
        _served = new OnlineMixture(_inputs.Width, seed);
        for (var k = 0; k < rows.Count; k++)
        {
            var frozen = _base.Score(rows[k]);
            var row = _inputs.Next(rows[k]);
            _served.Score(row, frozen);
            Learn(new LearnedRow(row, frozen, labels[k]));
        }
    }

    /// <summary>Of what was served, over all rows but the first ones.</summary>
    public StreamFigures Served { get; } = new();

    public StreamFigures Frozen { get; } = new();

    /// <summary>Times that what was served was told to have become worse.</summary>
    public int Alarms { get; private set; }

    /// <summary>Copies that won, and are served since.</summary>
    public int Reactions { get; private set; }

    /// <returns>What was served: the probability of a positive.</returns>
    public double Next(double[] encoded, double label)
    {
        var frozen = _base.Score(encoded);
        var row = _inputs.Next(encoded);
        var served = _served.Score(row, frozen);
        var steady = RankingMetrics.LogLoss(_served.Steady, label);
        _copy?.Score(row, frozen);
        Frozen.Add(label, frozen);
        var loss = Served.Add(label, served);
        var learned = new LearnedRow(row, frozen, label);
        Learn(learned);
        Judge(learned, served);
        Watch(loss, steady);
        return served;
    }

    private void Learn(LearnedRow row)
    {
        _served.Learn(row.Row, row.Label);
        _inputs.Add(row.Label);
        _recent.Add(row);
    }

    private void Judge(LearnedRow row, double served)
    {
        switch (_copy?.Learn(row, served))
        {
            case TrialOutcome.Won:
                (_served, _copy) = (_copy.Weights, null);
                Reactions++;
                break;
            case TrialOutcome.Lost:
                _copy = null;
                break;
        }
    }

    private void Watch(double served, double steady)
    {
        if (_watch.Update([served, steady]) is { } change)
        {
            Alarms++;
            _copy ??= new GuardedCopy(_served, _recent.Newest(change.Since));
        }
    }
}
