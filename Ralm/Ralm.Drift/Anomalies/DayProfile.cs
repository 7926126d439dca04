using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Anomalies;

/// <summary>What is usual at this hour of the day (UTC): mean and spread of the values that came in it, of the last two weeks.</summary>
internal readonly record struct DayProfile(ImmutableArray<FadingMoments> Hours)
{
    public const int Bins = 24;

    /// <summary>Days that count: two weeks, so that each weekday has its share.</summary>
    private const double Days = 14;

    /// <summary>Values that an hour must have seen before it says what is usual.</summary>
    private const int LeastSeen = 2;

    private static readonly long BinTicks = TimeSpan.TicksPerDay / Bins;

    public static readonly DayProfile Empty = new([.. Enumerable.Repeat(default(FadingMoments), Bins)]);

    /// <summary>
    /// How far the value is from the usual of its hour, signed, in spreads of the hour; null before it has one. An hour
    /// that has always been the same would find everything far: its spread is at least <paramref name="floor"/>.
    /// </summary>
    public double? Residual(long ticks, double value, double floor)
    {
        var hour = Hours[BinOf(ticks)];
        return hour.Count < LeastSeen
            ? null
            : (value - hour.Mean) / Scale.AtLeast(Math.Max(hour.Deviation, floor), value);
    }

    /// <param name="step">Ticks since the point before: a point stands for that share of its hour.</param>
    public DayProfile Add(long ticks, double value, long step)
    {
        var bin = BinOf(ticks);
        var share = (double)Math.Clamp(step, TimeSpan.TicksPerSecond, BinTicks) / BinTicks;
        return new(Hours.SetItem(bin, Hours[bin].Add(value, Days / share)));
    }

    public void Write(StateWriter state)
    {
        foreach (var hour in Hours)
        {
            hour.Write(state);
        }
    }

    public static DayProfile Read(StateReader state) =>
        new([.. Enumerable.Range(0, Bins).Select(_ => FadingMoments.Read(state))]);

    private static int BinOf(long ticks) => (int)(ticks % TimeSpan.TicksPerDay / BinTicks);
}
