using System.Collections.Immutable;
using MathNet.Numerics.Integration;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Two-sided limits for |z| at planned looks, so that all looks together err with probability α. The distribution of z
/// over the looks is integrated numerically (Armitage, McPherson, Rowe 1969).
/// </summary>
public static class GroupSequential
{
    private const int Nodes = 96;
    private const double Widest = 8.5;

    private static readonly GaussLegendreRule Rule = new(-1, 1, Nodes);

    /// <summary>Limits for <paramref name="looks"/> equally spaced looks; fixed shape, no spending function.</summary>
    /// <param name="looks">1 to 50.</param>
    public static ImmutableArray<double> Limits(Spending spending, int looks, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(looks, 50);
        double[] times = [.. Enumerable.Range(1, looks).Select(k => (double)k / looks)];
        var constant = Root(c => CrossingProbability(Shape(c), times) - alpha, 0.5, Widest);
        return [.. Shape(constant)];

        double[] Shape(double c) =>
            [.. times.Select(t => spending == Spending.Pocock ? c : Math.Min(Widest, c / Math.Sqrt(t)))];
    }

    /// <summary>
    /// Limits for looks at any information fractions (Lan and DeMets 1983): each look may spend what its fraction has
    /// released and earlier looks have not used.
    /// </summary>
    /// <param name="fractions">Share of the planned units at each look so far, rising, above 0 and at most 1.</param>
    public static ImmutableArray<double> SpendingLimits(Spending spending, ReadOnlySpan<double> fractions, double alpha)
    {
        var (times, limits) = (new List<double>(), new List<double>());
        var spent = 0.0;
        foreach (var t in fractions)
        {
            if (!(t > 0 && t <= 1) || (times.Count > 0 && t <= times[^1]))
            {
                throw new ArgumentOutOfRangeException(nameof(fractions), t, "must rise from above 0 to at most 1");
            }

            var release = Released(spending, t, alpha);
            times.Add(t);
            limits.Add(Widest);
            if (release - spent > 1e-12)
            {
                limits[^1] = Root(
                    c =>
                    {
                        limits[^1] = c;
                        return CrossingProbability([.. limits], [.. times]) - release;
                    },
                    0.5,
                    Widest
                );
            }

            spent = release;
        }

        return [.. limits];
    }

    /// <summary>Error released by information fraction <paramref name="t"/>, half of it to each side.</summary>
    public static double Released(Spending spending, double t, double alpha) =>
        spending == Spending.Pocock
            ? alpha * Math.Log(1 + (Math.E - 1) * t)
            : 4 * Tails.Normal(Tails.NormalQuantile(alpha / 4) / Math.Sqrt(t));

    /// <summary>Chance, without any effect, that |z| passes its limit at one look or more.</summary>
    public static double CrossingProbability(ReadOnlySpan<double> limits, ReadOnlySpan<double> times)
    {
        var (points, density) = (new double[Nodes], new double[Nodes]);
        var inside = 1.0;
        for (var k = 0; k < limits.Length; k++)
        {
            var (nextPoints, next) = (new double[Nodes], new double[Nodes]);
            for (var i = 0; i < Nodes; i++)
            {
                nextPoints[i] = limits[k] * Rule.Abscissas[i];
                next[i] = k == 0 ? Phi(nextPoints[i]) : Step(nextPoints[i], times[k - 1], times[k], limits[k - 1]);
            }

            (points, density) = (nextPoints, next);
            inside = 0;
            for (var i = 0; i < Nodes; i++)
            {
                inside += limits[k] * Rule.Weights[i] * density[i];
            }
        }

        return 1 - inside;

        // Density of z at this look, over all paths that stayed inside until the look before.
        double Step(double z, double before, double now, double limit)
        {
            var (scale, sum) = (Math.Sqrt(now - before), 0.0);
            for (var j = 0; j < Nodes; j++)
            {
                var gap = (z * Math.Sqrt(now) - points[j] * Math.Sqrt(before)) / scale;
                sum += limit * Rule.Weights[j] * density[j] * Phi(gap);
            }

            return sum * Math.Sqrt(now) / scale;
        }
    }

    private static double Phi(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    private static double Root(Func<double, double> f, double low, double high) =>
        MathNet.Numerics.RootFinding.Brent.FindRoot(f, low, high, 1e-10, 200);
}
