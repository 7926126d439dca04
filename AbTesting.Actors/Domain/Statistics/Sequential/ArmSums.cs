using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>All that a sequence needs of an arm: how many units, the sum of their values and of the squares.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ArmSums(double Units, double Sum, double Squares)
{
    /// <summary>Of a rate: a value is its own square.</summary>
    public static ArmSums OfRate(double units, double successes) => new(units, successes, successes);

    public double Mean => Sum / Units;
}
