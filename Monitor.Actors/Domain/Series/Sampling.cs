using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>One sampling of a source: a time and one value per metric index.</summary>
/// <param name="UnixMs">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Values">By metric index; <see cref="Absent"/>, or beyond the end, where the sampling had none.</param>
public sealed record Sampling(long UnixMs, ImmutableArray<double> Values)
{
    /// <summary>A NaN with a payload no arithmetic makes: the metric was not in the sampling.</summary>
    public static readonly double Absent = BitConverter.UInt64BitsToDouble(AbsentBits);

    private const ulong AbsentBits = 0x7FF8_0000_5A1E_0001;

    public double this[int metric] => metric < Values.Length ? Values[metric] : Absent;

    public static bool IsAbsent(double value) => BitConverter.DoubleToUInt64Bits(value) == AbsentBits;
}
