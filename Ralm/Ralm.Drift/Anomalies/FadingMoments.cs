using System.Runtime.InteropServices;
using Ralm.Drift.State;

namespace Ralm.Drift.Anomalies;

/// <summary>
/// Mean and variance of a stream that forgets. While it has seen less than its memory it is the plain mean of all, so that the
/// first values do not count for more than they are.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FadingMoments(long Count, double Mean, double Variance)
{
    public double Deviation => Math.Sqrt(Variance);

    /// <param name="memory">Values that count, 1 or more.</param>
    public FadingMoments Add(double value, double memory)
    {
        var weight = Math.Max(1.0 / (Count + 1), 1 / memory);
        var off = value - Mean;
        return new(Count + 1, Mean + weight * off, (1 - weight) * (Variance + weight * off * off));
    }

    public void Write(StateWriter state)
    {
        state.Count(Count);
        state.Number(Mean);
        state.Number(Variance);
    }

    public static FadingMoments Read(StateReader state) => new(state.Count(), state.Number(), state.Number());
}
