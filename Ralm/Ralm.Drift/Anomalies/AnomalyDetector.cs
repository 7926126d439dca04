using Ralm.Drift.State;

namespace Ralm.Drift.Anomalies;

/// <summary>
/// Watches one series of measurements for points that somebody should look at. Immutable: <see cref="Update"/> gives the next
/// one. Bounded (about 1 kB), a function of the points alone, and without anything to tune for a series: four measures of how
/// unusual a point is, each judged by its own tail (<see cref="TailThreshold"/>) at the same risk.
/// </summary>
/// <remarks>
/// <para>The measures: the short mean of the error of prediction against its long mean and deviation (the likelihood of Ahmad, Lavin, Purdy
/// and Agha, Neurocomputing 2017); the short mean of the values against their long one; the residual of the profile by
/// hour of the day, with a floor of its spread; and how far the value is beyond all before, in shares of their range. The prediction is the
/// mean of the last 50 values.</para>
/// <para>The logarithm of each measure is what its tail is fitted to: a ratio's tail is too heavy for moments.</para>
/// <para>Nothing is told of the first 150 points. A value that is no finite number or beyond ±<see cref="LargestValue"/>, and a point of
/// the very time of the one before, are counted in <see cref="Ignored"/> and are otherwise as if they had not come; an earlier
/// time is taken, for a clock that was set back must not silence a series.</para>
/// </remarks>
public sealed record AnomalyDetector
{
    /// <summary>Squares of differences stay finite.</summary>
    public const double LargestValue = 1e100;

    /// <summary>Points before anything is told.</summary>
    public const int Warmup = Settling + TailThreshold.FirstValues;

    /// <summary>Points before the measures are collected: means of a few points are wild.</summary>
    private const int Settling = 30;

    /// <summary>Points in the mean that predicts the next.</summary>
    private const double PredictionMemory = 50;

    private const double LongMemory = 2000;
    private const double ErrorMemory = 8;
    private const double LevelMemory = 24;
    private const double ResidualMemory = 4;

    /// <summary>Of an hour's spread, in deviations of the whole series.</summary>
    private const double SpreadFloor = 0.4;

    /// <summary>Share of the range by which an extreme exceeds it, where the score is .5.</summary>
    private const double ExtremeShare = 0.1;

    /// <summary>Chance below which everything is as good as impossible: scores stay below 1.</summary>
    private const double LeastChance = 1e-12;

    private const int FormatVersion = 1;

    private readonly double _risk = 0.003;
    private readonly int _quiet = 100;

    /// <summary>
    /// Chance that a measure of an ordinary point is called an anomaly, above 0, below .05; default .003. Larger: more is
    /// found, more is told for nothing; repeats are suppressed, so that far less is told than there are points times risk.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double Risk
    {
        get => _risk;
        init =>
            _risk = value is > 0 and < 0.05
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "must be above 0 and below .05");
    }

    /// <summary>Points behind an anomaly in which none is told again, 0 or more; default 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int Quiet
    {
        get => _quiet;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _quiet = value;
        }
    }

    /// <summary>Points taken.</summary>
    public long Count { get; private init; }

    /// <summary>Points that were none to go by.</summary>
    public long Ignored { get; private init; }

    /// <summary>Of the newest point; of one that was ignored: nothing unusual.</summary>
    public AnomalyPoint Point { get; private init; }

    private long LastTicks { get; init; }

    private long Step { get; init; } = TimeSpan.TicksPerMinute;

    private int QuietLeft { get; init; }

    private double Lowest { get; init; }

    private double Highest { get; init; }

    private FadingMoments Prediction { get; init; }

    private FadingMoments ShortErrors { get; init; }

    private FadingMoments LongErrors { get; init; }

    private FadingMoments ShortValues { get; init; }

    private FadingMoments LongValues { get; init; }

    private FadingMoments Residuals { get; init; }

    private DayProfile Day { get; init; } = DayProfile.Empty;

    private TailThreshold ErrorTail { get; init; } = TailThreshold.Empty;

    private TailThreshold LevelTail { get; init; } = TailThreshold.Empty;

    private TailThreshold DayTail { get; init; } = TailThreshold.Empty;

    /// <param name="time">Of the measurement; only its UTC time of day matters, and that it is not the last one's.</param>
    public AnomalyDetector Update(DateTimeOffset time, double value)
    {
        var ticks = time.UtcTicks;
        if (!(Math.Abs(value) <= LargestValue) || (Count > 0 && ticks == LastTicks))
        {
            return this with { Ignored = Ignored + 1, Point = default };
        }

        var error = Count == 0 ? 0 : Math.Abs(value - Prediction.Mean);
        var shortErrors = ShortErrors.Add(error, ErrorMemory);
        var shortValues = ShortValues.Add(value, LevelMemory);
        var residual = Day.Residual(ticks, value, SpreadFloor * LongValues.Deviation);
        var residuals = residual is { } off ? Residuals.Add(off, ResidualMemory) : Residuals;
        var step = Count > 0 && ticks > LastTicks ? ticks - LastTicks : Step;

        // Each is measured by what was before the point, and then learned.
        var isMeasured = Count >= Settling;
        var errorSize = Logarithm(
            (shortErrors.Mean - LongErrors.Mean) / Scale.AtLeast(LongErrors.Deviation, LongErrors.Mean)
        );
        var levelSize = Logarithm(
            Math.Abs(shortValues.Mean - LongValues.Mean) / Scale.AtLeast(LongValues.Deviation, LongValues.Mean)
        );
        var daySize = Logarithm(Math.Abs(residuals.Mean));
        var hasDay = isMeasured && residuals.Count > 0;

        var found = new AnomalyPoint(ScoreOf(ErrorTail.Chance(errorSize)), AnomalyCause.Error, IsRepeat: false);
        found = Larger(found, ScoreOf(LevelTail.Chance(levelSize)), AnomalyCause.Level);
        found = hasDay ? Larger(found, ScoreOf(DayTail.Chance(daySize)), AnomalyCause.TimeOfDay) : found;
        found = Larger(found, ExtremeScore(value), AnomalyCause.Extreme);
        var isTold = found.IsAnomaly && QuietLeft == 0;

        return this with
        {
            Count = Count + 1,
            Point = Told(found),
            LastTicks = ticks,
            Step = step,
            QuietLeft = isTold ? Math.Max(0, Quiet - 1) : Math.Max(0, QuietLeft - 1),
            Lowest = Count == 0 ? value : Math.Min(Lowest, value),
            Highest = Count == 0 ? value : Math.Max(Highest, value),
            Prediction = Prediction.Add(value, PredictionMemory),
            ShortErrors = shortErrors,
            LongErrors = LongErrors.Add(error, LongMemory),
            ShortValues = shortValues,
            LongValues = LongValues.Add(value, LongMemory),
            Residuals = residuals,
            Day = Day.Add(ticks, value, step),
            ErrorTail = isMeasured ? ErrorTail.Add(errorSize) : ErrorTail,
            LevelTail = isMeasured ? LevelTail.Add(levelSize) : LevelTail,
            DayTail = hasDay ? DayTail.Add(daySize) : DayTail,
        };
    }

    /// <summary>Bytes that <see cref="Load"/> goes on from, bit for bit.</summary>
    public byte[] Save()
    {
        var state = new StateWriter();
        state.Count(FormatVersion);
        state.Number(Risk);
        state.Count(Quiet);
        state.Count(Count);
        state.Count(Ignored);
        state.Number(Point.Score);
        state.Count((int)Point.Cause);
        state.Count(Point.IsRepeat ? 1 : 0);
        state.Count(LastTicks);
        state.Count(Step);
        state.Count(QuietLeft);
        state.Number(Lowest);
        state.Number(Highest);
        foreach (
            var moments in (FadingMoments[])[Prediction, ShortErrors, LongErrors, ShortValues, LongValues, Residuals]
        )
        {
            moments.Write(state);
        }

        Day.Write(state);
        ErrorTail.Write(state);
        LevelTail.Write(state);
        DayTail.Write(state);
        return state.ToArray();
    }

    /// <exception cref="InvalidDataException">Not bytes of <see cref="Save"/>.</exception>
    public static AnomalyDetector Load(ReadOnlyMemory<byte> bytes)
    {
        var state = new StateReader(bytes);
        var version = state.Count();
        if (version != FormatVersion)
        {
            throw StateReader.Broken($"format {version}, and {FormatVersion} is known");
        }

        try
        {
            var detector = Read(state);
            state.End();
            return detector;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw StateReader.Broken(e.Message);
        }
    }

    private static AnomalyDetector Read(StateReader state) =>
        new()
        {
            Risk = state.Number(),
            Quiet = (int)state.Count(int.MaxValue),
            Count = state.Count(),
            Ignored = state.Count(),
            Point = new(state.Number(), (AnomalyCause)state.Count((int)AnomalyCause.Extreme), state.Count(1) == 1),
            LastTicks = state.Count(DateTimeOffset.MaxValue.Ticks),
            Step = state.Count(),
            QuietLeft = (int)state.Count(int.MaxValue),
            Lowest = state.Number(),
            Highest = state.Number(),
            Prediction = FadingMoments.Read(state),
            ShortErrors = FadingMoments.Read(state),
            LongErrors = FadingMoments.Read(state),
            ShortValues = FadingMoments.Read(state),
            LongValues = FadingMoments.Read(state),
            Residuals = FadingMoments.Read(state),
            Day = DayProfile.Read(state),
            ErrorTail = TailThreshold.Read(state),
            LevelTail = TailThreshold.Read(state),
            DayTail = TailThreshold.Read(state),
        };

    private static double Logarithm(double measure) => measure > 0 ? Math.Log(1 + measure) : 0;

    private double ScoreOf(double chance) => Risk / (Risk + Math.Max(chance, LeastChance));

    /// <summary>Half at a tenth of the range beyond it; a value that was the same for ever has no range to be beyond of.</summary>
    private double ExtremeScore(double value)
    {
        var beyond = Math.Max(value - Highest, Lowest - value);
        return Count < Warmup || beyond <= 0
            ? 0
            : beyond / (beyond + Scale.AtLeast(ExtremeShare * (Highest - Lowest), value));
    }

    private static AnomalyPoint Larger(AnomalyPoint found, double score, AnomalyCause cause) =>
        score > found.Score ? found with { Score = score, Cause = cause } : found;

    private AnomalyPoint Told(AnomalyPoint found) =>
        !found.IsAnomaly ? found with { Cause = AnomalyCause.None }
        : QuietLeft > 0 ? found with { Score = found.Score / 2, IsRepeat = true }
        : found;
}
