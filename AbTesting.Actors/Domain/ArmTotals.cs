using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain;

/// <summary>
/// The sufficient statistics of one metric over units, as exact integers: values are counted in millionths. Units come and
/// go in any order, cells merge in any order, and the totals are the same to the last digit.
/// </summary>
/// <param name="Y">Sum of the metric.</param>
/// <param name="X">Sum of a ratio's denominator, or of what was there before the exposure.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ArmTotals(
    long Units,
    long Converted,
    Int128 Y,
    Int128 YSquared,
    Int128 X,
    Int128 XSquared,
    Int128 XY
)
{
    /// <summary>Units whose time for the metric is not over: exposed, and in none of the sums.</summary>
    public long Waiting { get; init; }

    /// <summary>One, in millionths.</summary>
    public const long One = 1_000_000;

    /// <summary>
    /// Of a value, and of a unit's sum, either way: so that the squares of 170 million units fit, if all were as large.
    /// </summary>
    public const double Largest = 1e9;

    public const long LargestInMillionths = (long)Largest * One;

    /// <summary>No further than the largest, whatever an older journal holds.</summary>
    public static long Bounded(long millionths) => Math.Clamp(millionths, -LargestInMillionths, LargestInMillionths);

    /// <summary>A value in millionths; halves go to even.</summary>
    public static long Millionths(double value) => (long)Math.Round(value * One, MidpointRounding.ToEven);

    public double Rate => Units == 0 ? 0 : (double)Converted / Units;

    public Proportion Proportion => new(Converted, Units);

    public Moments Moments => MomentsOf(Y, YSquared);

    public PairMoments Pairs =>
        new(Moments, MomentsOf(X, XSquared), Units == 0 ? 0 : Centred(XY, Y, X) / ((double)One * One));

    /// <summary>Some unit's sum is below 0. X then is the sum of how far, see <see cref="Cells.MetricLayout"/>.</summary>
    public bool IsSigned(Metric metric) =>
        metric is { Kind: MetricKind.Count or MetricKind.Continuous, Adjusted: false } && X > 0;

    public ArmTotals Add(long y, long x) => Change(1, y, x);

    public ArmTotals Remove(long y, long x) => Change(-1, y, x);

    public ArmTotals Merge(ArmTotals other) =>
        new(
            Units + other.Units,
            Converted + other.Converted,
            Y + other.Y,
            YSquared + other.YSquared,
            X + other.X,
            XSquared + other.XSquared,
            XY + other.XY
        )
        {
            Waiting = Waiting + other.Waiting,
        };

    public ArmTotals Negated => new(-Units, -Converted, -Y, -YSquared, -X, -XSquared, -XY) { Waiting = -Waiting };

    /// <summary>The generated one would print <see cref="Negated"/>, and that its own, without end.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Units} units ({Waiting} wait), {Converted} converted, y {Y} ({YSquared}), x {X} ({XSquared}), xy {XY}"
        );

    public ArmStatistics ToMessage(ArmKey key) =>
        new()
        {
            Phase = key.Phase,
            Arm = key.Arm,
            Metric = key.Metric,
            Units = Units,
            Converted = Converted,
            Sums = Sums,
            Waiting = Waiting,
        };

    public SegmentStatistics ToMessage(SegmentKey key) =>
        new()
        {
            Feature = key.Feature,
            Value = key.Value,
            Arm = key.Arm,
            Metric = key.Metric,
            Units = Units,
            Converted = Converted,
            Sums = Sums,
        };

    public static ArmTotals Of(ArmStatistics s) => Of(s.Units, s.Converted, s.Sums) with { Waiting = s.Waiting };

    public static ArmTotals Of(SegmentStatistics s) => Of(s.Units, s.Converted, s.Sums);

    private ExactSums Sums =>
        new()
        {
            Y = Text(Y),
            YSquared = Text(YSquared),
            X = Text(X),
            XSquared = Text(XSquared),
            Xy = Text(XY),
        };

    private static ArmTotals Of(long units, long converted, ExactSums? sums) =>
        new(
            units,
            converted,
            Number(sums?.Y),
            Number(sums?.YSquared),
            Number(sums?.X),
            Number(sums?.XSquared),
            Number(sums?.Xy)
        );

    /// <summary>Empty for zero: most metrics have no second value.</summary>
    private static string Text(Int128 sum) => sum == 0 ? "" : sum.ToString(CultureInfo.InvariantCulture);

    private static Int128 Number(string? sum) =>
        string.IsNullOrEmpty(sum) ? 0 : Int128.Parse(sum, CultureInfo.InvariantCulture);

    private ArmTotals Change(int sign, long y, long x)
    {
        Int128 wideY = y,
            wideX = x;
        return new ArmTotals(
            Units + sign,
            Converted + (y > 0 ? sign : 0),
            Y + sign * wideY,
            YSquared + sign * wideY * wideY,
            X + sign * wideX,
            XSquared + sign * wideX * wideX,
            XY + sign * wideX * wideY
        )
        {
            Waiting = Waiting,
        };
    }

    private Moments MomentsOf(Int128 sum, Int128 squares) =>
        Units == 0
            ? default
            : new Moments(Units, (double)sum / Units / One, Centred(squares, sum, sum) / ((double)One * One));

    /// <summary>Σab - ΣaΣb/n, rounded once, at the end: nothing cancels.</summary>
    private double Centred(Int128 products, Int128 a, Int128 b) =>
        (double)((BigInteger)products * Units - (BigInteger)a * b) / Units;
}
