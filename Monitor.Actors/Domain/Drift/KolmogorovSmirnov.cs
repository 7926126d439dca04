using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>Two-sample Kolmogorov-Smirnov test: the largest gap between two empirical distributions.</summary>
/// <param name="Distance">0 to 1.</param>
/// <param name="PValue">Asymptotic, with Stephens's correction for small samples (Stephens, JRSS B 1970).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KolmogorovSmirnov(double Distance, double PValue)
{
    /// <summary>Below this gap nothing alarms: with enough values any difference is significant.</summary>
    public const double MinDistance = 0.1;

    public static KolmogorovSmirnov Of(IEnumerable<double> first, IEnumerable<double> second)
    {
        var a = first.Where(v => !double.IsNaN(v)).Order().ToArray();
        var b = second.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (a.Length == 0 || b.Length == 0)
        {
            throw new ArgumentException("both samples must hold at least one value", nameof(second));
        }

        var (i, j, distance) = (0, 0, 0.0);
        while (i < a.Length && j < b.Length)
        {
            var value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == value)
            {
                i++;
            }

            while (j < b.Length && b[j] == value)
            {
                j++;
            }

            distance = Math.Max(distance, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        var root = Math.Sqrt((double)a.Length * b.Length / (a.Length + b.Length));
        return new KolmogorovSmirnov(distance, Tail((root + 0.12 + (0.11 / root)) * distance));
    }

    /// <param name="alpha">Chance of an alarm without drift, 0 to 1; default 0.01.</param>
    public DriftLevel Level(double alpha = 0.01) =>
        Distance >= MinDistance && PValue < alpha ? DriftLevel.Drift : DriftLevel.None;

    /// <summary>Kolmogorov's limit law: 2 sum (-1)^(k-1) exp(-2 k² λ²).</summary>
    private static double Tail(double lambda)
    {
        // Below 0.3 the law is 1 to nine digits and the series converges slowly.
        if (lambda < 0.3)
        {
            return 1;
        }

        var sum = 0.0;
        for (var k = 1; k <= 20; k++)
        {
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * k * k * lambda * lambda);
        }

        return Math.Clamp(sum, 0, 1);
    }
}
