using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Anomalies;

/// <summary>
/// How rarely a stream exceeds a value, beyond all that it has shown as well: peaks over a threshold follow a generalised Pareto
/// law (Pickands, Ann. Statist. 1975), whose parameters are learned while the stream runs (SPOT: Siffer, Fouque, Termier and
/// Largouët, KDD 2017). So a risk takes the place of a threshold that would have to be tuned for each series.
/// </summary>
/// <remarks>
/// Parameters by the method of moments (Hosking and Wallis, Technometrics 1987), of sums alone: a state of five numbers, where
/// Grimshaw's likelihood needs every peak. The shape is at least 0, an exponential tail: that a tail ends somewhere is nothing
/// that some dozens of peaks can prove, and below .5, where moments are finite. Values that are anomalies are learned from like others:
/// a stream that has changed for good is no anomaly for ever.
/// </remarks>
/// <param name="First">The first values, until there are enough to place the threshold; then none.</param>
/// <param name="Start">The threshold of peaks: what a twentieth of the first values exceeded.</param>
/// <param name="Seen">Values, the first ones with them.</param>
/// <param name="Peaks">Values beyond <paramref name="Start"/>.</param>
/// <param name="Sum">Of what the peaks exceeded it by.</param>
/// <param name="Squares">Of the same.</param>
internal readonly record struct TailThreshold(
    ImmutableArray<double> First,
    double Start,
    long Seen,
    long Peaks,
    double Sum,
    double Squares
)
{
    /// <summary>Values before a probability is told.</summary>
    public const int FirstValues = 120;

    private const double PeakShare = 0.05;

    /// <summary>Peaks that exceed by less are rounding.</summary>
    private const double LeastPeak = 1e-9;

    private const double LargestShape = 0.5;

    private const double ExponentialBelow = 1e-6;

    public static readonly TailThreshold Empty = new([], 0, 0, 0, 0, 0);

    /// <summary>Chance that a value of this stream is larger, 0 to 1; 1 for what is no peak, and before there are enough values.</summary>
    public double Chance(double value)
    {
        var excess = value - Start;
        if (Seen < FirstValues || excess <= 0)
        {
            return 1;
        }

        var mean = Sum / Peaks;
        var variance = Squares / Peaks - mean * mean;
        var shape = variance > mean * mean ? Math.Min(0.5 * (1 - mean * mean / variance), LargestShape) : 0;
        var scale = mean * (1 - shape);
        var beyond =
            shape < ExponentialBelow ? Math.Exp(-excess / scale) : Math.Pow(1 + shape * excess / scale, -1 / shape);
        return beyond * Peaks / Seen;
    }

    /// <param name="value">0 or more.</param>
    public TailThreshold Add(double value)
    {
        if (Seen >= FirstValues)
        {
            var excess = value - Start;
            return excess > 0
                ? this with
                {
                    Seen = Seen + 1,
                    Peaks = Peaks + 1,
                    Sum = Sum + excess,
                    Squares = Squares + excess * excess,
                }
                : this with
                {
                    Seen = Seen + 1,
                };
        }

        var first = First.Add(value);
        return first.Length < FirstValues ? this with { First = first, Seen = Seen + 1 } : Placed(first);
    }

    private static TailThreshold Placed(ImmutableArray<double> first)
    {
        var sorted = first.Sort();
        var place = (int)(FirstValues * (1 - PeakShare));
        var placed = new TailThreshold([], sorted[place], FirstValues, 0, 0, 0);
        foreach (var value in sorted.AsSpan(place..))
        {
            var excess = value - placed.Start + LeastPeak;
            placed = placed with
            {
                Peaks = placed.Peaks + 1,
                Sum = placed.Sum + excess,
                Squares = placed.Squares + excess * excess,
            };
        }

        return placed;
    }

    public void Write(StateWriter state)
    {
        state.Count(First.Length);
        foreach (var value in First)
        {
            state.Number(value);
        }

        state.Number(Start);
        state.Count(Seen);
        state.Count(Peaks);
        state.Number(Sum);
        state.Number(Squares);
    }

    public static TailThreshold Read(StateReader state)
    {
        var read = new TailThreshold(
            state.Many(state.Number),
            state.Number(),
            state.Count(),
            state.Count(),
            state.Number(),
            state.Number()
        );
        var isWhole = read.Seen < FirstValues ? read.First.Length == read.Seen : read.First.IsEmpty && read.Peaks > 0;
        return isWhole ? read : throw StateReader.Broken($"{read.First.Length} first values of {read.Seen}");
    }
}
