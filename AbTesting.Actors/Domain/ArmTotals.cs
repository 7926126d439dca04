using System.Runtime.InteropServices;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain;

/// <summary>Statistics are kept per phase and arm: a phase never mixes with another.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ArmKey(int Phase, string Arm) : IComparable<ArmKey>
{
    public int CompareTo(ArmKey other) =>
        Phase != other.Phase ? Phase.CompareTo(other.Phase) : string.CompareOrdinal(Arm, other.Arm);
}

/// <summary>The sufficient statistics of one metric over units.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ArmTotals(long Units, long Converted, double Sum, double SumSquares)
{
    public double Rate => Units == 0 ? 0 : (double)Converted / Units;

    public ArmTotals Add(double value) => Change(1, value);

    public ArmTotals Remove(double value) => Change(-1, value);

    public ArmTotals Merge(ArmTotals other) =>
        new(Units + other.Units, Converted + other.Converted, Sum + other.Sum, SumSquares + other.SumSquares);

    public ArmStatistics ToMessage(ArmKey key) =>
        new()
        {
            Phase = key.Phase,
            Arm = key.Arm,
            Units = Units,
            Converted = Converted,
            Sum = Sum,
            SumSquares = SumSquares,
        };

    public static ArmTotals Of(ArmStatistics s) => new(s.Units, s.Converted, s.Sum, s.SumSquares);

    private ArmTotals Change(int sign, double value) =>
        new(Units + sign, Converted + (value > 0 ? sign : 0), Sum + sign * value, SumSquares + sign * value * value);
}
