using System.Runtime.InteropServices;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Two rates beside each other: <paramref name="A"/> is the control, differences are B - A.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TwoProportions(Proportion A, Proportion B)
{
    public double Difference => B.Rate - A.Rate;

    /// <summary>Score test with the pooled rate; positive where A is higher, as SciPy and statsmodels order it.</summary>
    public double Z
    {
        get
        {
            var pooled = (double)(A.Successes + B.Successes) / (A.Trials + B.Trials);
            var se = Math.Sqrt(pooled * (1 - pooled) * (1.0 / A.Trials + 1.0 / B.Trials));
            return se == 0 ? 0 : (A.Rate - B.Rate) / se;
        }
    }

    public double ZP => Tails.NormalTwoSided(Z);

    public ContingencyTable Table =>
        new(
            new double[,]
            {
                { A.Successes, A.Trials - A.Successes },
                { B.Successes, B.Trials - B.Successes },
            }
        );

    /// <summary>Cohen 1988: 2 asin √p_B - 2 asin √p_A; .2 small, .5 medium, .8 large.</summary>
    public double CohenH => 2 * Math.Asin(Math.Sqrt(B.Rate)) - 2 * Math.Asin(Math.Sqrt(A.Rate));

    /// <summary>Odds of B over odds of A; with 1/2 added to each cell when one is empty (Haldane 1956, Anscombe 1956).</summary>
    public double OddsRatio
    {
        get
        {
            var (a, b, c, d) = Cells;
            return c * b / (d * a);
        }
    }

    /// <summary>exp(ln OR ± z √Σ 1/cell) (Woolf 1955).</summary>
    public Interval OddsRatioInterval(double alpha = 0.05)
    {
        var (a, b, c, d) = Cells;
        var half = Tails.NormalQuantile(alpha / 2) * Math.Sqrt(1 / a + 1 / b + 1 / c + 1 / d);
        return new Interval(OddsRatio * Math.Exp(-half), OddsRatio * Math.Exp(half));
    }

    public Interval WaldDifference(double alpha = 0.05)
    {
        var variance = A.Rate * (1 - A.Rate) / A.Trials + B.Rate * (1 - B.Rate) / B.Trials;
        return Interval.Around(Difference, Tails.NormalQuantile(alpha / 2) * Math.Sqrt(variance));
    }

    /// <summary>Newcombe 1998, method 10: the distances to both Wilson limits, in quadrature.</summary>
    public Interval NewcombeDifference(double alpha = 0.05)
    {
        var (a, b) = (A.Wilson(alpha), B.Wilson(alpha));
        return new Interval(
            Difference - Hypotenuse(B.Rate - b.Low, a.High - A.Rate),
            Difference + Hypotenuse(b.High - B.Rate, A.Rate - a.Low)
        );
    }

    private (double A, double B, double C, double D) Cells
    {
        get
        {
            double a = A.Successes,
                b = A.Trials - A.Successes,
                c = B.Successes,
                d = B.Trials - B.Successes;
            var half = a == 0 || b == 0 || c == 0 || d == 0 ? 0.5 : 0;
            return (a + half, b + half, c + half, d + half);
        }
    }

    private static double Hypotenuse(double x, double y) => Math.Sqrt(x * x + y * y);
}
