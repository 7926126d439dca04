using MathNet.Numerics.Distributions;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Simulation;

/// <summary>What simulated units do, by the kind of metric; hard on whoever takes a variance for known.</summary>
internal static class Draws
{
    /// <summary>Counts differ between people: their means are of a gamma distribution of this shape (overdispersion).</summary>
    private const double Shape = 0.5;

    /// <summary>Units of a ratio that have a denominator at all.</summary>
    private const double HaveDenominator = 0.03;

    private const double MeanDenominator = 5;
    private const double LogMean = 2;
    private const double LogDeviation = 1.2;

    /// <summary>Of a buyer.</summary>
    private static readonly double MeanAmount = Math.Exp(LogMean + LogDeviation * LogDeviation / 2);

    /// <summary>The metric's mean at a rate as <see cref="SimulationDesign.Rates"/> has it, in the metric's own unit.</summary>
    public static double MeanOf(MetricKind kind, double rate) =>
        kind == MetricKind.Continuous ? rate * MeanAmount : rate;

    /// <summary>One unit's value of a metric that is adjusted, and what it did before: people differ, and stay who they are.</summary>
    public static (double Y, double X) Adjusted(MetricKind kind, double rate, double effect, Random random)
    {
        if (kind == MetricKind.Binary)
        {
            var inclined = rate is > 0 and < 1 ? Beta.Sample(random, Shape * rate, Shape * (1 - rate)) : rate;
            var now = Math.Clamp(inclined + effect, 0, 1);
            return (random.NextDouble() < now ? 1 : 0, random.NextDouble() < inclined ? 1 : 0);
        }

        var mean = rate > 0 ? Gamma.Sample(random, Shape, Shape / rate) : 0;
        return (Counted(mean * (1 + (rate > 0 ? effect / rate : 0))), Counted(mean));

        double Counted(double of) => of > 0 ? Poisson.Sample(random, of) : 0;
    }

    /// <summary>One unit's value, and its denominator.</summary>
    public static (double Y, double X) Of(MetricKind kind, double rate, Random random)
    {
        switch (kind)
        {
            case MetricKind.Count:
                return (rate > 0 ? Poisson.Sample(random, Gamma.Sample(random, Shape, Shape / rate)) : 0, 0);
            case MetricKind.Continuous:
                return (random.NextDouble() < rate ? LogNormal.Sample(random, LogMean, LogDeviation) : 0, 0);
            case MetricKind.Ratio when random.NextDouble() >= HaveDenominator:
                return (0, 0);
            case MetricKind.Ratio:
                var shown = 1 + Poisson.Sample(random, MeanDenominator - 1);
                return (Binomial.Sample(random, rate, shown), shown);
            default:
                return (random.NextDouble() < rate ? 1 : 0, 0);
        }
    }
}
