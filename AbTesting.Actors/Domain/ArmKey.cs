using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain;

/// <summary>Statistics are kept per phase, arm and metric: none mixes with another.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ArmKey(int Phase, string Arm, string Metric) : IComparable<ArmKey>
{
    public int CompareTo(ArmKey other) =>
        Phase != other.Phase ? Phase.CompareTo(other.Phase)
        : string.CompareOrdinal(Arm, other.Arm) is var byArm and not 0 ? byArm
        : string.CompareOrdinal(Metric, other.Metric);
}
