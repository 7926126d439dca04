using System.Collections.Immutable;
using MathNet.Numerics.Integration;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Two-sided limits for |z| at planned looks, so that all looks together err with probability α. The distribution of z
/// over the looks is integrated numerically (Armitage, McPherson, Rowe 1969).
/// </summary>
public static class GroupSequential
{
    private const int Nodes = 96;
    private const double Widest = 8.5;
    private const double Narrowest = 0.1;

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
        var limits = ImmutableArray.CreateBuilder<double>(fractions.Length);
        var (path, spent, before) = (Path.Start, 0.0, 0.0);
        foreach (var t in fractions)
        {
            if (!(t > before && t <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(fractions), t, "must rise from above 0 to at most 1");
            }

            var release = Released(spending, t, alpha);
            var limit = release - spent > 1e-12 ? path.Limit(release, t) : Widest;
            limits.Add(limit);
            (path, spent, before) = (path.Next(limit, t), release, t);
        }

        return limits.MoveToImmutable();
    }

    /// <summary>Error released by information fraction <paramref name="t"/>, half of it to each side.</summary>
    public static double Released(Spending spending, double t, double alpha) =>
        spending == Spending.Pocock
            ? alpha * Math.Log(1 + (Math.E - 1) * t)
            : 4 * Tails.Normal(Tails.NormalQuantile(alpha / 4) / Math.Sqrt(t));

    /// <summary>Chance, without any effect, that |z| passes its limit at one look or more.</summary>
    public static double CrossingProbability(ReadOnlySpan<double> limits, ReadOnlySpan<double> times)
    {
        var path = Path.Start;
        for (var k = 0; k < limits.Length; k++)
        {
            path = path.Next(limits[k], times[k]);
        }

        return 1 - path.Inside;
    }

    private static double Phi(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    private static double Root(Func<double, double> f, double low, double high) =>
        MathNet.Numerics.RootFinding.Brent.FindRoot(f, low, high, 1e-10, 200);

    /// <summary>The density of z at one look, over all paths that have stayed inside their limits so far.</summary>
    private sealed class Path
    {
        public static readonly Path Start = new([], [], 0);

        private readonly double[] _points;
        private readonly double[] _mass;
        private readonly double _time;

        private Path(double[] points, double[] mass, double time)
        {
            (_points, _mass, _time) = (points, mass, time);
            Inside = mass.Length == 0 ? 1 : mass.Sum();
        }

        /// <summary>Chance of still being inside.</summary>
        public double Inside { get; }

        /// <summary>Chance of being inside <paramref name="limit"/> at the next look, too; what Next adds up to.</summary>
        public double StayingInside(double limit, double time)
        {
            if (_points.Length == 0)
            {
                return 1 - 2 * Tails.Normal(limit);
            }

            var (scale, sum) = (Math.Sqrt(time - _time), 0.0);
            var (reach, before) = (limit * Math.Sqrt(time) / scale, Math.Sqrt(_time) / scale);
            for (var j = 0; j < Nodes; j++)
            {
                var from = _points[j] * before;
                sum += _mass[j] * (1 - Tails.Normal(reach - from) - Tails.Normal(reach + from));
            }

            return sum;
        }

        /// <summary>The limit with which <paramref name="release"/> is spent; the widest where that is less than rounding.</summary>
        public double Limit(double release, double time)
        {
            return Spent(Widest) >= 0 ? Widest
                : Spent(Narrowest) <= 0 ? Narrowest
                : Root(Spent, Narrowest, Widest);

            double Spent(double c) => 1 - StayingInside(c, time) - release;
        }

        public Path Next(double limit, double time)
        {
            var (points, mass) = (new double[Nodes], new double[Nodes]);
            for (var i = 0; i < Nodes; i++)
            {
                points[i] = limit * Rule.Abscissas[i];
                mass[i] = limit * Rule.Weights[i] * Density(points[i], time);
            }

            return new Path(points, mass, time);
        }

        private double Density(double z, double time)
        {
            if (_points.Length == 0)
            {
                return Phi(z);
            }

            var (scale, sum) = (Math.Sqrt(time - _time), 0.0);
            var (now, before) = (z * Math.Sqrt(time) / scale, Math.Sqrt(_time) / scale);
            for (var j = 0; j < Nodes; j++)
            {
                sum += _mass[j] * Phi(now - _points[j] * before);
            }

            return sum * Math.Sqrt(time) / scale;
        }
    }
}
