using RalmActors.Monitoring.Meters;
using Xunit;

namespace RalmActors.Monitoring.Tests.Meters;

public sealed class DistributionSpecs
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void A_quantile_is_within_a_sixteenth_of_the_true_one(double share)
    {
        var random = new Random(7);
        double[] values =
        [
            .. Enumerable
                .Range(0, 20_000)
                .Select(_ => 0.003 * Math.Exp(1.5 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())))),
        ];
        var counts = new long[Distribution.Buckets];
        foreach (var value in values)
        {
            counts[Distribution.BucketOf(value)]++;
        }

        Array.Sort(values);
        var right = values[(int)(share * values.Length)];
        Assert.InRange(Distribution.Quantile(counts, share), right * 15 / 16, right * 17 / 16);
    }

    [Fact]
    public void A_bound_belongs_to_the_bucket_below_it_and_all_buckets_follow_each_other()
    {
        for (var bucket = 0; bucket < Distribution.Buckets - 1; bucket++)
        {
            var bound = Distribution.UpperBound(bucket);
            Assert.Equal(bucket, Distribution.BucketOf(bound));
            Assert.Equal(bucket + 1, Distribution.BucketOf(double.BitIncrement(bound)));
        }
    }

    [Fact]
    public void What_is_too_small_or_too_large_is_counted_at_the_ends()
    {
        Assert.Equal(0, Distribution.BucketOf(0));
        Assert.Equal(0, Distribution.BucketOf(-1));
        Assert.Equal(0, Distribution.BucketOf(1e-12));
        Assert.Equal(Distribution.Buckets - 1, Distribution.BucketOf(1e9));
        Assert.Equal(Distribution.Buckets - 1, Distribution.BucketOf(double.PositiveInfinity));
    }

    [Fact]
    public void Of_nothing_there_is_no_quantile() =>
        Assert.True(double.IsNaN(Distribution.Quantile(new long[Distribution.Buckets], 0.5)));
}
