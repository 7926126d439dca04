using System.Runtime.InteropServices;
using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>A run of values: how many, their sum, and their squared deviations from their own mean.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Bucket(long Count, double Sum, double SquaredDeviations)
{
    /// <summary>0 of no values.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;

    public static Bucket Of(double value) => new(1, value, 0);

    /// <summary>Both runs as one (Chan, Golub and LeVeque's pairwise update).</summary>
    public Bucket Merge(Bucket other) =>
        new(Count + other.Count, Sum + other.Sum, SquaredDeviations + other.SquaredDeviations + Between(other));

    /// <summary>This run without a part of it.</summary>
    public Bucket Without(Bucket part)
    {
        var rest = new Bucket(Count - part.Count, Sum - part.Sum, 0);
        return rest.Count == 0
            ? default
            : rest with
            {
                SquaredDeviations = Math.Max(0, SquaredDeviations - part.SquaredDeviations - part.Between(rest)),
            };
    }

    /// <summary>Squared deviations of the two means from the mean of both together.</summary>
    public double Between(Bucket other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return 0;
        }

        var apart = Mean - other.Mean;
        return (double)Count * other.Count / (Count + other.Count) * apart * apart;
    }

    public void Write(StateWriter state)
    {
        state.Count(Count);
        state.Number(Sum);
        state.Number(SquaredDeviations);
    }

    public static Bucket Read(StateReader state) => new(state.Count(), state.Number(), state.Number());
}
