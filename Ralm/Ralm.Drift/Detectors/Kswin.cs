using System.Collections.Immutable;
using Ralm.Drift.Features;
using Ralm.Drift.State;
using Ralm.Ranking.Randomness;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Kolmogorov-Smirnov windowing (Raab, Heusinger, Schleif, Reactive Soft Prototype Computing for Concept Drift Streams,
/// Neurocomputing 2020): the newest values of a window against as many drawn from the older ones. It sees a changed shape too;
/// its direction is that of the mean.
/// </summary>
/// <remarks>
/// It tests at every value, so a stream without drift alarms far oftener than alpha says. What is drawn is a function
/// of <paramref name="Seed"/> and the number of draws before, which is part of the state.
/// </remarks>
/// <param name="Alpha">Level of one test, above 0 and below 1; default 0.0001, the paper has 0.005.</param>
/// <param name="Window">Values that are kept, at least twice <paramref name="Newest"/>; default 400, the paper has 100.</param>
/// <param name="Newest">Values that are compared, 2 or more; default 200, the paper has 30.</param>
/// <param name="Seed">0 or more; default 1.</param>
public sealed record Kswin(double Alpha = 0.0001, int Window = 400, int Newest = 200, long Seed = 1) : DriftDetector
{
    /// <summary>Gaps below it are no change, however sure (as in River and scikit-multiflow).</summary>
    private const double LeastGap = 0.1;

    private ImmutableArray<double> Values { get; init; } = [];

    private long Draws { get; init; }

    /// <summary>Another way to draw so many places out of so many, for streams of other implementations.</summary>
    internal Func<int, int, int[]>? Drawing { get; init; }

    private protected override DriftDetector Take(double value)
    {
        var next = this with { Values = (Values.Length < Window ? Values : Values.RemoveAt(0)).Add(value) };
        return next.Values.Length < Window ? next : next.Tested();
    }

    private DriftDetector Tested()
    {
        var older = Values.Length - Newest;
        var drawn = Drawing?.Invoke(older, Newest) ?? Draw(older);
        double[] past = [.. drawn.Select(place => Values[place])];
        double[] present = [.. Values.Skip(older)];
        var next = this with { Draws = Draws + 1 };
        var test = KolmogorovSmirnov.Of(past, present);
        if (test.PValue > Alpha || test.Distance <= LeastGap)
        {
            return next;
        }

        var direction = present.Average() >= past.Average() ? DriftDirections.Up : DriftDirections.Down;
        return Minds(direction) ? next.Changed(direction) : next;
    }

    /// <summary>The first steps of a shuffle (Fisher and Yates).</summary>
    private int[] Draw(int older)
    {
        int[] places = [.. Enumerable.Range(0, older)];
        var seed = RandomStream.Mix((ulong)Seed, (ulong)Draws);
        for (var k = 0; k < Newest; k++)
        {
            var other = k + (int)(RandomStream.Uniform(seed, k) * (older - k));
            (places[k], places[other]) = (places[other], places[k]);
        }

        return places[..Newest];
    }

    private protected override DriftDetector Fresh() =>
        new Kswin(Alpha, Window, Newest, Seed) { Draws = Draws, Drawing = Drawing };

    private protected override void WriteOwn(StateWriter state)
    {
        state.Count(Draws);
        state.Count(Values.Length);
        foreach (var value in Values)
        {
            state.Number(value);
        }
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            Draws = state.Count(),
            Values =
                state.Many(state.Number) is var values && values.Length <= Window
                    ? values
                    : throw StateReader.Broken($"{values.Length} values in a window of {Window}"),
        };
}
