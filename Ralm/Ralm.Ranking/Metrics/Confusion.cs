using System.Runtime.InteropServices;

namespace Ralm.Ranking.Metrics;

/// <summary>Decisions at one threshold against the truth, as counts or weights.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Confusion(
    double TruePositive,
    double FalsePositive,
    double FalseNegative,
    double TrueNegative
)
{
    public double Accuracy =>
        Share(TruePositive + TrueNegative, TruePositive + FalsePositive + FalseNegative + TrueNegative);

    /// <summary>0 when nothing is said to be positive.</summary>
    public double Precision => Share(TruePositive, TruePositive + FalsePositive);

    /// <summary>0 when nothing is positive.</summary>
    public double Recall => Share(TruePositive, TruePositive + FalseNegative);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => Share(2 * TruePositive, (2 * TruePositive) + FalsePositive + FalseNegative);

    /// <summary>Correlation of decision and truth, -1 to 1; 0 when either never changes (Matthews 1975).</summary>
    public double Matthews =>
        Share(
            (TruePositive * TrueNegative) - (FalsePositive * FalseNegative),
            Math.Sqrt(
                (TruePositive + FalsePositive)
                    * (TruePositive + FalseNegative)
                    * (TrueNegative + FalsePositive)
                    * (TrueNegative + FalseNegative)
            )
        );

    /// <param name="threshold">From it on a probability says yes.</param>
    public static Confusion Of(double probability, double label, double threshold = 0.5) =>
        (probability >= threshold, label > 0.5) switch
        {
            (true, true) => new(1, 0, 0, 0),
            (true, false) => new(0, 1, 0, 0),
            (false, true) => new(0, 0, 1, 0),
            _ => new(0, 0, 0, 1),
        };

    public static Confusion operator +(Confusion a, Confusion b) =>
        new(
            a.TruePositive + b.TruePositive,
            a.FalsePositive + b.FalsePositive,
            a.FalseNegative + b.FalseNegative,
            a.TrueNegative + b.TrueNegative
        );

    public static Confusion operator *(Confusion a, double weight) =>
        new(a.TruePositive * weight, a.FalsePositive * weight, a.FalseNegative * weight, a.TrueNegative * weight);

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
