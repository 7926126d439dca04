using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>A run of values, 2^row of them: their sum, and their squared deviations from their own mean.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdwinBucket(long Count, double Sum, double SquaredDeviations)
{
    public double Mean => Sum / Count;

    /// <summary>Both runs as one (Chan, Golub and LeVeque's pairwise update).</summary>
    public AdwinBucket Merge(AdwinBucket other) =>
        new(Count + other.Count, Sum + other.Sum, SquaredDeviations + other.SquaredDeviations + Between(other));

    /// <summary>This run without a part of it.</summary>
    public AdwinBucket Without(AdwinBucket part)
    {
        var rest = new AdwinBucket(Count - part.Count, Sum - part.Sum, 0);
        return rest.Count == 0
            ? default
            : rest with
            {
                SquaredDeviations = Math.Max(0, SquaredDeviations - part.SquaredDeviations - part.Between(rest)),
            };
    }

    private double Between(AdwinBucket other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return 0;
        }

        var apart = Mean - other.Mean;
        return (double)Count * other.Count / (Count + other.Count) * apart * apart;
    }
}
