using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>A confidence interval; a one-sided one has an infinite end.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Nothing is known.</summary>
    public static readonly Interval Everything = new(double.NegativeInfinity, double.PositiveInfinity);

    public static Interval Around(double middle, double half) => new(middle - half, middle + half);

    public bool Contains(double value) => Low <= value && value <= High;

    /// <param name="scale">0 or more.</param>
    public Interval Times(double scale) => new(Low * scale, High * scale);

    public bool IsEmpty => Low > High;

    /// <summary>What both leave open; empty where they contradict each other.</summary>
    public Interval Intersect(Interval other) => new(Math.Max(Low, other.Low), Math.Min(High, other.High));
}
