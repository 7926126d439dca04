using System.Collections.Immutable;
using Ralm.Drift.State;
using Ralm.Ranking.Metrics;

namespace Ralm.Drift.Prequential;

/// <summary>
/// Test, then train: how good the served, the latest and the frozen weights were on each row before it was learned, over the
/// newest rows and with all rows fading. Immutable, bounded, and a function of the rows alone.
/// </summary>
public sealed record PrequentialEvaluation
{
    private const int FormatVersion = 1;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PrequentialEvaluation(PrequentialOptions? options = null)
    {
        Options = options ?? new PrequentialOptions();
        if (Options.Wrong() is { } wrong)
        {
            throw new ArgumentOutOfRangeException(nameof(options), wrong);
        }
    }

    public PrequentialOptions Options { get; }

    /// <summary>Rows since the start; ignored ones not counted.</summary>
    public long Rows { get; private init; }

    /// <summary>Rows with a number that is none between 0 and 1: they change nothing else.</summary>
    public long Ignored { get; private init; }

    public int RowsInWindow { get; private init; }

    private ImmutableQueue<ScoredRow> Newest { get; init; } = [];

    private ImmutableArray<FadingSums> Sums { get; init; } =
    [.. Enum.GetValues<Predictor>().Select(_ => FadingSums.Empty)];

    public PrequentialEvaluation Add(ScoredRow row)
    {
        if (!row.IsProper)
        {
            return this with { Ignored = Ignored + 1 };
        }

        var isFull = RowsInWindow == Options.Window;
        return this with
        {
            Rows = Rows + 1,
            RowsInWindow = isFull ? RowsInWindow : RowsInWindow + 1,
            Newest = (isFull ? Newest.Dequeue() : Newest).Enqueue(row),
            Sums = [.. Sums.Select((sums, k) => sums.Add(row.Label, row.Of((Predictor)k), Options.Kept))],
        };
    }

    /// <summary>Over all rows, older ones weighing less.</summary>
    public PredictorFigures Fading(Predictor predictor) => Sums[(int)predictor].Figures();

    /// <summary>Over the newest rows, exactly.</summary>
    public PredictorFigures Windowed(Predictor predictor)
    {
        ScoredRow[] rows = [.. Newest];
        if (rows.Length == 0)
        {
            return FadingSums.Empty.Figures();
        }

        float[] labels = [.. rows.Select(r => r.Label)];
        float[] said = [.. rows.Select(r => r.Of(predictor))];
        return new PredictorFigures(
            rows.Length,
            RankingMetrics.LogLoss<float>(said, labels),
            rows.Count(r => FadingSums.IsRight(r.Label, r.Of(predictor))) / (double)rows.Length,
            said.Average(p => (double)p),
            labels.Average(y => (double)y),
            RankingMetrics.CalibrationError<float>(said, labels, PrequentialOptions.Bins),
            RankingMetrics.Auc<float>(said, labels)
        );
    }

    /// <summary>About 16 bytes for each row of the window.</summary>
    public byte[] Save()
    {
        var state = new StateWriter();
        state.Count(FormatVersion);
        state.Count(Options.Window);
        state.Number(Options.HalfLife);
        state.Count(Rows);
        state.Count(Ignored);
        foreach (var sums in Sums)
        {
            sums.Write(state);
        }

        state.Count(RowsInWindow);
        foreach (var row in Newest)
        {
            row.Write(state);
        }

        return state.ToArray();
    }

    /// <exception cref="InvalidDataException">Not bytes of <see cref="Save"/>.</exception>
    public static PrequentialEvaluation Load(ReadOnlyMemory<byte> bytes)
    {
        var state = new StateReader(bytes);
        if (state.Count() is var version && version != FormatVersion)
        {
            throw StateReader.Broken($"format {version}, and {FormatVersion} is known");
        }

        try
        {
            var options = new PrequentialOptions((int)state.Count(int.MaxValue), state.Number());
            var (rows, ignored) = (state.Count(), state.Count());
            ImmutableArray<FadingSums> sums = [.. Enum.GetValues<Predictor>().Select(_ => FadingSums.Read(state))];
            var newest = state.Many(() => ScoredRow.Read(state));
            state.End();
            return new PrequentialEvaluation(options)
            {
                Rows = rows,
                Ignored = ignored,
                RowsInWindow = newest.Length,
                Newest = [.. newest],
                Sums = sums,
            };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw StateReader.Broken(e.Message);
        }
    }
}
