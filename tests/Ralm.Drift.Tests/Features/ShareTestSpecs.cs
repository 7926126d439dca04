using Ralm.Drift.Features;
using Xunit;

namespace Ralm.Drift.Tests.Features;

public class ShareTestSpecs
{
    [Fact]
    public void Equal_shares_have_no_index_and_swapped_tails_have_that_of_the_formula()
    {
        Assert.Equal(0, ShareTest.Of([100, 100, 100], [10, 10, 10]).Index, 3);

        // Half a row more in each of two bins: (q - p) ln(q / p), twice.
        var test = ShareTest.Of([900, 100], [600, 400]);
        const double p = 900.5 / 1001;
        const double q = 600.5 / 1001;
        var expected = ((q - p) * Math.Log(q / p)) + ((p - q) * Math.Log((1 - q) / (1 - p)));
        Assert.Equal(expected, test.Index, 12);
    }

    // SciPy 1.10: chi2_contingency([[100, 200, 300], [90, 110, 100]], correction=False) = 28.8, p = 5.6e-07 (df 2).
    [Fact]
    public void The_statistic_is_that_of_a_table_of_counts()
    {
        var test = ShareTest.Of([100, 200, 300], [90, 110, 100]);
        var expected = 0.0;
        foreach (var (old, now) in (ReadOnlySpan<(double, double)>)[(100, 90), (200, 110), (300, 100)])
        {
            var all = old + now;
            expected += Math.Pow(old - all * 2 / 3, 2) / (all * 2 / 3) + Math.Pow(now - all / 3, 2) / (all / 3);
        }

        Assert.Equal(expected, test.Statistic, 9);
        Assert.Equal(Math.Exp(-expected / 2), test.PValue, 12);
        Assert.Equal(3, test.Bins);
    }

    [Fact]
    public void Bins_with_too_few_rows_are_one()
    {
        var test = ShareTest.Of([1000, 1000, 3, 2, 1, 0], [50, 48, 0, 1, 1, 0]);

        Assert.Equal(2, test.Bins);
        Assert.True(test.PValue > 0.01);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Without_drift_it_alarms_no_oftener_than_alpha_says(int rows)
    {
        const int Draws = 4_000;
        const double Alpha = 0.01;
        var (surprised, alarms) = (0, 0);
        var reference = Counts(new Random(99), 5_000);
        for (var seed = 0; seed < Draws; seed++)
        {
            var test = ShareTest.Of(reference, Counts(new Random(seed), rows));
            surprised += test.PValue < Alpha ? 1 : 0;
            alarms += test.Level(test.PValue, Alpha) > DriftLevel.None ? 1 : 0;
        }

        // 40 are to be expected of an exact test.
        Assert.InRange(surprised, 0, 75);
        Assert.InRange(alarms, 0, surprised);
    }

    /// <summary>Ten bins of equal shares.</summary>
    private static long[] Counts(Random random, int rows)
    {
        var counts = new long[10];
        for (var row = 0; row < rows; row++)
        {
            counts[random.Next(10)]++;
        }

        return counts;
    }
}
