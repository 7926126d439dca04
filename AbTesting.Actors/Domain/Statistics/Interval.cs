using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>A confidence interval; a one-sided one has an infinite end.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Interval(double Low, double High)
{
    public static Interval Around(double middle, double half) => new(middle - half, middle + half);

    public bool Contains(double value) => Low <= value && value <= High;
}
