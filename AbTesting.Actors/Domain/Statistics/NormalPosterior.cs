using System.Runtime.InteropServices;
using MathNet.Numerics.Distributions;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>An effect believed to be normal: its estimate, or its estimate with a normal prior.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NormalPosterior(double Mean, double StandardDeviation)
{
    /// <summary>With a flat prior.</summary>
    public static NormalPosterior Of(Effect effect) =>
        effect.IsUndefined ? default : new NormalPosterior(effect.Value, effect.StandardError);

    /// <summary>Precisions add (conjugate normal prior).</summary>
    public static NormalPosterior Of(Effect effect, double priorMean, double priorVariance)
    {
        if (effect.IsUndefined)
        {
            // Nothing was seen: what was believed before is believed now.
            return new NormalPosterior(priorMean, Math.Sqrt(priorVariance));
        }

        var precision = 1 / priorVariance + 1 / effect.Variance;
        return new NormalPosterior(
            (priorMean / priorVariance + effect.Value / effect.Variance) / precision,
            Math.Sqrt(1 / precision)
        );
    }

    /// <summary>An absolute effect, and a prior about what it is relative to the control.</summary>
    public static NormalPosterior OfRelativePrior(
        Effect effect,
        double control,
        double priorMean,
        double priorVariance
    ) => Of(effect, priorMean * Math.Abs(control), priorVariance * control * control);

    /// <summary>An effect relative to the control, and a prior about what it is in the metric's own unit.</summary>
    public static NormalPosterior OfAbsolutePrior(
        Effect effect,
        double control,
        double priorMean,
        double priorVariance
    ) => Of(effect, priorMean / Math.Abs(control), priorVariance / (control * control));

    /// <summary>P(effect > 0); 1/2 when nothing is known.</summary>
    public double ChanceToWin => StandardDeviation > 0 ? Tails.Normal(-Mean / StandardDeviation) : 0.5;

    /// <summary>What is given up on average by keeping the control: E[max(effect, 0)].</summary>
    public double LossOfKeeping => Positive(Mean);

    /// <summary>What is given up on average by taking the treatment: E[max(-effect, 0)].</summary>
    public double LossOfTaking => Positive(-Mean);

    public Interval Credible(double alpha) =>
        Interval.Around(Mean, Tails.NormalQuantile(alpha / 2) * StandardDeviation);

    private double Positive(double mean)
    {
        if (!(StandardDeviation > 0))
        {
            return Math.Max(0, mean);
        }

        var z = mean / StandardDeviation;
        return mean * Tails.Normal(-z) + StandardDeviation * Normal.PDF(0, 1, z);
    }
}
