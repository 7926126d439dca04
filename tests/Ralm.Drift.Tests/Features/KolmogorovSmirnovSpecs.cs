using Ralm.Drift.Features;
using Xunit;

namespace Ralm.Drift.Tests.Features;

public class KolmogorovSmirnovSpecs
{
    [Fact]
    public void The_distance_is_the_largest_gap_with_ties_taken_together()
    {
        var test = KolmogorovSmirnov.Of([1, 2, 2, 3], [2, 3, 4, 5]);

        Assert.Equal(0.5, test.Distance, 12);
        Assert.Equal(DriftLevel.None, test.Level());
    }

    // By counting paths: 2 C(2n, n - h) / C(2n, n), less the same of 2h, and so on.
    [Theory]
    [InlineData(4, 4, 2.0 / 70)]
    [InlineData(4, 3, 16.0 / 70)]
    [InlineData(4, 2, 2 * (28.0 - 1) / 70)]
    [InlineData(5, 1, 1.0)]
    public void The_p_value_of_samples_of_one_size_is_exact(int n, int h, double p)
    {
        // The first h of one sample lie below all of the other, the rest alternate.
        double[] first = [.. Enumerable.Range(0, n).Select(i => i < h ? i : 11.0 + 2 * (i - h))];
        double[] second = [.. Enumerable.Range(0, n).Select(i => 10.5 + 2 * i)];

        var test = KolmogorovSmirnov.Of(first, second);
        Assert.Equal((double)h / n, test.Distance, 12);
        Assert.Equal(p, test.PValue, 12);
    }

    [Fact]
    public void A_significant_but_small_difference_does_not_alarm()
    {
        var a = Enumerable.Range(0, 100_000).Select(i => i / 100_000.0).ToArray();
        var test = KolmogorovSmirnov.Of(a, a.Select(v => v + 0.05));

        Assert.InRange(test.Distance, 0.0499, 0.0501);
        Assert.True(test.PValue < 1e-9);
        Assert.Equal(DriftLevel.None, test.Level());
        Assert.Equal(DriftLevel.Drift, KolmogorovSmirnov.Of(a, a.Select(v => v + 0.2)).Level());
    }

    // Kolmogorov's limit law at its familiar critical value: Q(1.3581) = 0.05.
    [Fact]
    public void The_p_value_meets_the_five_percent_point()
    {
        var n = 2_000_000;
        var root = Math.Sqrt(n / 2.0);
        var gap = (int)Math.Round(1.3581 / root * n);
        var test = KolmogorovSmirnov.Of(
            Enumerable.Range(0, n).Select(i => (double)i),
            Enumerable.Range(gap, n).Select(i => (double)i)
        );

        Assert.Equal(0.05, test.PValue, 3);
    }

    [Fact]
    public void Few_values_never_alarm_and_what_is_no_number_does_not_count()
    {
        double[] broken = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        var few = KolmogorovSmirnov.Of(
            [.. Enumerable.Range(0, 19).Select(i => (double)i), .. broken],
            [.. Enumerable.Range(100, 50).Select(i => (double)i)]
        );

        Assert.Equal((19, 50), (few.First, few.Second));
        Assert.Equal(DriftLevel.None, few.Level());
        Assert.Throws<ArgumentException>(() => KolmogorovSmirnov.Of(broken, [1]));
    }

    [Fact]
    public void Without_drift_it_alarms_no_oftener_than_alpha_says()
    {
        foreach (var n in (int[])[20, 50, 200])
        {
            var alarms = Enumerable
                .Range(0, 2_000)
                .Count(seed =>
                {
                    var random = new Random(seed);
                    double[] Draw(int k) => [.. Enumerable.Range(0, k).Select(_ => random.NextDouble())];
                    return KolmogorovSmirnov.Of(Draw(n), Draw(n + (seed % 2 * 13))).Level(0.01) == DriftLevel.Drift;
                });

            // Of 2,000 draws 20 may: 40 are beyond 4 standard deviations.
            Assert.InRange(alarms, 0, 40);
        }
    }
}
