using System.Runtime.InteropServices;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Rates as Beta posteriors from a uniform prior. All integrals are by quadrature: the same counts give the same bytes.
/// </summary>
public static class BetaBinomial
{
    private const int Panels = 40;

    private static readonly GaussLegendreRule Rule = new(-1, 1, 16);

    /// <summary>For each arm, the probability that its rate is the highest. They add up to 1.</summary>
    public static double[] ProbabilityBest(ReadOnlySpan<Proportion> arms)
    {
        var beliefs = Beliefs(arms);
        return [.. beliefs.Select((own, i) => Integrate(own, x => own.Density(x) * OthersBelow(beliefs, i, x)))];
    }

    /// <summary>P(B > A).</summary>
    public static double ProbabilityBetter(Proportion a, Proportion b) => Math.Clamp(ProbabilityBest([a, b])[1], 0, 1);

    /// <summary>What choosing B costs on average where A is the better one: E[max(A - B, 0)].</summary>
    public static double ExpectedLoss(Proportion a, Proportion b)
    {
        var (one, two) = (new Belief(a), new Belief(b));
        var (low, high) = (Math.Min(one.Low, two.Low), Math.Max(one.High, two.High));
        return Integrate(low, high, x => two.Below(x) * (1 - one.Below(x)));
    }

    private static Belief[] Beliefs(ReadOnlySpan<Proportion> arms)
    {
        var beliefs = new Belief[arms.Length];
        for (var i = 0; i < arms.Length; i++)
        {
            beliefs[i] = new Belief(arms[i]);
        }

        return beliefs;
    }

    private static double OthersBelow(Belief[] beliefs, int own, double x)
    {
        var product = 1.0;
        for (var j = 0; j < beliefs.Length; j++)
        {
            product *= j == own ? 1 : beliefs[j].Below(x);
        }

        return product;
    }

    private static double Integrate(Belief over, Func<double, double> f) => Integrate(over.Low, over.High, f);

    private static double Integrate(double low, double high, Func<double, double> f)
    {
        var (sum, width) = (0.0, (high - low) / Panels);
        for (var p = 0; p < Panels; p++)
        {
            var middle = low + (p + 0.5) * width;
            for (var i = 0; i < Rule.Order; i++)
            {
                sum += Rule.Weights[i] * f(middle + Rule.Abscissas[i] * width / 2) * width / 2;
            }
        }

        return sum;
    }

    /// <summary>Beta(successes + 1, failures + 1) on the range outside which nothing counts.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Belief
    {
        private readonly double _a;
        private readonly double _b;

        public Belief(Proportion arm)
        {
            (_a, _b) = (arm.Successes + 1.0, arm.Trials - arm.Successes + 1.0);
            var mean = _a / (_a + _b);
            var sd = Math.Sqrt(mean * (1 - mean) / (_a + _b + 1));
            Low = Math.Max(0, mean - 12 * sd);
            High = Math.Min(1, mean + 12 * sd);
        }

        public double Low { get; }

        public double High { get; }

        public double Density(double x) => Beta.PDF(_a, _b, x);

        public double Below(double x) =>
            x <= 0 ? 0
            : x >= 1 ? 1
            : SpecialFunctions.BetaRegularized(_a, _b, x);
    }
}
