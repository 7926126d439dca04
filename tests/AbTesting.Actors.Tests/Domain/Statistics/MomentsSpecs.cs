using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

public sealed class MomentsSpecs
{
    [Fact]
    public void Merging_in_any_division_gives_the_moments_of_the_whole()
    {
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            // A large offset is what naive sums of squares do not survive.
            var values = Enumerable.Range(0, 500).Select(_ => 1e8 + random.NextDouble()).ToArray();
            var parts = new Moments[7];
            foreach (var value in values)
            {
                var part = random.Next(parts.Length);
                parts[part] = parts[part].Add(value);
            }

            var merged = parts.OrderBy(_ => random.Next()).Aggregate((x, y) => x.Merge(y));

            var mean = values.Average(v => v - 1e8);
            var variance = values.Sum(v => (v - 1e8 - mean) * (v - 1e8 - mean)) / (values.Length - 1);
            Assert.Equal(values.Length, merged.Count);
            Assert.Equal(mean, merged.Mean - 1e8, 1e-6);
            Assert.Equal(1, merged.Variance / variance, 1e-6);
        });
    }

    [Fact]
    public void Merging_pairs_keeps_their_covariance()
    {
        var (whole, left, right) = (default(PairMoments), default(PairMoments), default(PairMoments));
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var x = random.NextDouble();
            var y = 2 * x + random.NextDouble();
            whole = whole.Add(y, x);
            left = i % 3 == 0 ? left.Add(y, x) : left;
            right = i % 3 == 0 ? right : right.Add(y, x);
        }

        Assert.Equal(whole.Covariance, left.Merge(right).Covariance, 12);
        Assert.InRange(whole.Covariance, 2 / 12.0 - .02, 2 / 12.0 + .02);
    }

    [Fact]
    public void A_ratio_has_the_variance_that_repeated_samples_show()
    {
        var random = new Random(2);
        var ratios = Enumerable.Range(0, 2000).Select(_ => Sample(random).Ratio).ToArray();
        var shown = Moments.Of([.. ratios.Select(r => r.Mean)]).Variance;

        Assert.Equal(1, ratios.Average(r => r.Variance / r.Count) / shown, 1);

        static PairMoments Sample(Random random)
        {
            var sample = default(PairMoments);
            for (var i = 0; i < 200; i++)
            {
                var visits = random.Next(1, 10);
                sample = sample.Add(Enumerable.Range(0, visits).Count(_ => random.NextDouble() < .3), visits);
            }

            return sample;
        }
    }

    [Fact]
    public void Cuped_takes_out_what_was_there_before_and_leaves_the_effect()
    {
        var random = new Random(3);
        PairMoments a = default,
            b = default;
        for (var i = 0; i < 5000; i++)
        {
            var before = random.NextDouble() * 10;
            a = a.Add(before + random.NextDouble(), before);
            before = random.NextDouble() * 10;
            b = b.Add(before + random.NextDouble() + .1, before);
        }

        var adjusted = Cuped.Adjust([a, b]);
        var (plain, less) = (Effect.Absolute(a.Y, b.Y), Effect.Absolute(adjusted.Arms[0], adjusted.Arms[1]));

        Assert.Equal(1, adjusted.Theta, 2);
        // The covariate holds 100/12 of the variance, the rest 1/12.
        Assert.Equal(101, plain.Variance / less.Variance, 8.0);
        Assert.InRange(less.Value, .1 - 4 * less.StandardError, .1 + 4 * less.StandardError);
    }

    /// <summary>A place with an hour as unit, and a ratio of what happened there to the people who were there.</summary>
    [Fact]
    public void A_ratio_over_groups_has_the_cluster_robust_error_of_their_people()
    {
        var random = new Random(4);
        var groups = Enumerable
            .Range(0, 40)
            .Select(_ =>
            {
                var place = random.NextDouble();
                return Moments.Of([
                    .. Enumerable.Range(0, random.Next(20, 80)).Select(_ => place + .1 * random.NextDouble()),
                ]);
            })
            .ToArray();
        var people = groups.Aggregate((x, y) => x.Merge(y));

        var ratio = groups.Aggregate(default(PairMoments), (sum, g) => sum.Add(g.Mean * g.Count, g.Count)).Ratio;

        // Liang and Zeger 1986 for a mean, with G/(G - 1) for the few groups there are.
        var sandwich =
            groups.Sum(g => Math.Pow(g.Count * (g.Mean - people.Mean), 2)) / Math.Pow(people.Count, 2) * 40 / 39;
        Assert.Equal(people.Mean, ratio.Mean, 12);
        Assert.Equal(Math.Sqrt(sandwich), ratio.StandardError, 12);
        Assert.True(ratio.StandardError > 5 * people.StandardError);
    }
}
