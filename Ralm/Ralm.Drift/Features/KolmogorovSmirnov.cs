using System.Runtime.InteropServices;

namespace Ralm.Drift.Features;

/// <summary>Two-sample Kolmogorov-Smirnov test: the largest gap between two empirical distributions.</summary>
/// <param name="Distance">0 to 1.</param>
/// <param name="PValue">
/// Exact for samples of one size (Gnedenko and Korolyuk 1951), else asymptotic with Stephens's correction (JRSS B 1970). With ties
/// it is too large: fewer alarms than alpha says, never more.
/// </param>
/// <param name="First">Finite values of the first sample.</param>
/// <param name="Second">Finite values of the second sample.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KolmogorovSmirnov(double Distance, double PValue, int First, int Second)
{
    /// <summary>Below this gap nothing alarms: with enough values any difference is significant.</summary>
    public const double MinDistance = 0.1;

    /// <summary>Values of either sample below which nothing alarms.</summary>
    public const int LeastSample = 20;

    /// <summary>Sizes up to which the exact law is summed.</summary>
    private const int LargestExact = 10_000;

    /// <summary>Values that are no finite numbers are left out.</summary>
    /// <exception cref="ArgumentException">A sample has no finite value.</exception>
    public static KolmogorovSmirnov Of(IEnumerable<double> first, IEnumerable<double> second)
    {
        var a = first.Where(double.IsFinite).Order().ToArray();
        var b = second.Where(double.IsFinite).Order().ToArray();
        if (a.Length == 0 || b.Length == 0)
        {
            throw new ArgumentException("both samples must hold at least one finite value", nameof(second));
        }

        // In units of 1 / (a.Length * b.Length), so that no gap is rounded.
        var (i, j, gap) = (0, 0, 0L);
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

            gap = Math.Max(gap, Math.Abs((long)i * b.Length - (long)j * a.Length));
        }

        var distance = (double)gap / a.Length / b.Length;
        var p =
            a.Length == b.Length && a.Length <= LargestExact
                ? Exact(a.Length, (int)(gap / a.Length))
                : Asymptotic(a.Length, b.Length, distance);
        return new KolmogorovSmirnov(distance, p, a.Length, b.Length);
    }

    /// <param name="alpha">Chance of an alarm without drift, 0 to 1; default 0.01.</param>
    public DriftLevel Level(double alpha = 0.01) =>
        Math.Min(First, Second) >= LeastSample && Distance >= MinDistance && PValue < alpha
            ? DriftLevel.Drift
            : DriftLevel.None;

    /// <summary>Chance that paths of n steps up and n down reach h: 2 Σ (-1)^(k-1) C(2n, n - kh) / C(2n, n).</summary>
    private static double Exact(int n, int h)
    {
        if (h == 0)
        {
            return 1;
        }

        var (sum, term, at) = (0.0, 1.0, 0);
        for (var k = 1; k * h <= n; k++)
        {
            for (; at < k * h; at++)
            {
                term *= (double)(n - at) / (n + at + 1);
            }

            sum += k % 2 == 1 ? 2 * term : -2 * term;
        }

        return Math.Clamp(sum, 0, 1);
    }

    private static double Asymptotic(int n, int m, double distance)
    {
        var root = Math.Sqrt((double)n * m / ((double)n + m));
        return Tail((root + 0.12 + (0.11 / root)) * distance);
    }

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
