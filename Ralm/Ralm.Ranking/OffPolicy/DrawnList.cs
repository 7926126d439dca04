using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ralm.Ranking.Online;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Serving;

namespace Ralm.Ranking.OffPolicy;

/// <summary>Who stands at one place of a list.</summary>
/// <param name="Candidate">Of those scored, from 0.</param>
/// <param name="Propensity">The chance of standing there given those above, above 0 and at most 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Placement(int Candidate, double Propensity);

/// <summary>
/// Lists that explore. Each place is given, with chance epsilon, to any of those that remain, all alike; else to the highest score
/// of them or, with a temperature T, to candidate i of log odds l_i with the chance exp(l_i / T) / sum over those that remain of
/// exp(l_j / T) (Plackett 1975, Luce 1959). Chances are exact, and above 0 for everybody where epsilon is.
/// </summary>
public static class DrawnList
{
    /// <summary>Log odds of scores closer to 0 or 1 are those of this: no chance is 0 for being rounded.</summary>
    private const double Clip = 1e-6;

    private const ulong Stream = 0x6578_706C_6F72_65;

    /// <summary>The list to show: all candidates, the first place first.</summary>
    /// <param name="scores">Probabilities, 0 to 1, one per candidate.</param>
    /// <param name="request">The same request and scores, the same list.</param>
    public static ImmutableArray<Placement> Of(ReadOnlySpan<float> scores, Exploration exploration, string request)
    {
        var seed = RandomStream.Mix(Hashing.Key(request), Stream);
        var strengths = Strengths(scores, exploration.Temperature);
        var waiting = WorstFirst(strengths, exploration.Temperature > 0, seed);
        var (order, isBest) = (new int[scores.Length], new bool[scores.Length]);
        for (var place = 0; place < order.Length; place++)
        {
            var chance = Uniform(seed, place);
            var at =
                chance < exploration.Epsilon ? (int)(chance / exploration.Epsilon * waiting.Count) : waiting.Count - 1;
            // Divided by so small a number it may have been rounded up to 1.
            at = Math.Min(at, waiting.Count - 1);
            (order[place], isBest[place]) = (waiting[at], at == waiting.Count - 1);
            waiting.RemoveAt(at);
        }

        return Placed(order, isBest, strengths, exploration);
    }

    /// <summary>Chances of the first place, one per candidate; they add up to 1.</summary>
    /// <param name="scores">Probabilities, 0 to 1, one per candidate.</param>
    public static double[] FirstPlace(ReadOnlySpan<float> scores, Exploration exploration)
    {
        var strengths = Strengths(scores, exploration.Temperature);
        var (best, all) = (0, double.NegativeInfinity);
        for (var k = 0; k < strengths.Length; k++)
        {
            best = strengths[k] > strengths[best] ? k : best;
            all = LogSum(all, strengths[k]);
        }

        var chances = new double[scores.Length];
        for (var k = 0; k < chances.Length; k++)
        {
            var chosen =
                exploration.Temperature > 0 ? Math.Exp(strengths[k] - all)
                : k == best ? 1
                : 0;
            chances[k] = Mixed(chosen, exploration.Epsilon, chances.Length);
        }

        return chances;
    }

    /// <summary>What is compared: scores, or log odds by temperature.</summary>
    private static double[] Strengths(ReadOnlySpan<float> scores, double temperature)
    {
        var strengths = new double[scores.Length];
        for (var k = 0; k < strengths.Length; k++)
        {
            strengths[k] = temperature > 0 ? LogOdds.Of(scores[k], Clip) / temperature : scores[k];
        }

        return strengths;
    }

    /// <summary>
    /// Drawn at once for all places: the largest of strengths with noise of Gumbel's distribution, then the next, is a draw by
    /// Plackett and Luce (Yellott 1977), whoever is taken out meanwhile without regard to the noise.
    /// </summary>
    private static List<int> WorstFirst(double[] strengths, bool isDrawn, ulong seed)
    {
        var keys = new double[strengths.Length];
        for (var k = 0; k < keys.Length; k++)
        {
            var noise = isDrawn ? -Math.Log(-Math.Log(Uniform(seed, -2 - k))) : 0;
            keys[k] = strengths[k] + noise;
        }

        var order = new List<int>(Enumerable.Range(0, keys.Length));
        // Of equals the one that was sent first stands first.
        order.Sort((a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : b.CompareTo(a));
        return order;
    }

    private static ImmutableArray<Placement> Placed(
        int[] order,
        bool[] isBest,
        double[] strengths,
        Exploration exploration
    )
    {
        var placements = new Placement[order.Length];
        var remaining = double.NegativeInfinity;
        for (var place = order.Length - 1; place >= 0; place--)
        {
            remaining = LogSum(remaining, strengths[order[place]]);
            var chosen =
                exploration.Temperature > 0 ? Math.Exp(strengths[order[place]] - remaining)
                : isBest[place] ? 1
                : 0;
            placements[place] = new Placement(order[place], Mixed(chosen, exploration.Epsilon, order.Length - place));
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(placements);
    }

    private static double Mixed(double chosen, double epsilon, int remaining) =>
        Math.Min(1, ((1 - epsilon) * chosen) + (epsilon / remaining));

    private static double LogSum(double a, double b)
    {
        var (high, low) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(low) ? high : high + Math.Log(1 + Math.Exp(low - high));
    }

    /// <summary>Above 0 and below 1, 53 bits.</summary>
    private static double Uniform(ulong seed, long n) =>
        ((RandomStream.Finish(seed + ((ulong)(n + 1) * 0x9E3779B97F4A7C15UL)) >> 12) + 0.5) * (1.0 / (1L << 52));
}
