using System.Runtime.InteropServices;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain;

/// <summary>Statistics of segments are kept per value of each feature, arm and metric, over all phases.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SegmentKey(string Feature, string Value, string Arm, string Metric)
    : IComparable<SegmentKey>
{
    public static SegmentKey Of(SegmentStatistics s) => new(s.Feature, s.Value, s.Arm, s.Metric);

    public int CompareTo(SegmentKey other) =>
        string.CompareOrdinal(Feature, other.Feature) is var byFeature and not 0 ? byFeature
        : string.CompareOrdinal(Value, other.Value) is var byValue and not 0 ? byValue
        : string.CompareOrdinal(Arm, other.Arm) is var byArm and not 0 ? byArm
        : string.CompareOrdinal(Metric, other.Metric);
}
