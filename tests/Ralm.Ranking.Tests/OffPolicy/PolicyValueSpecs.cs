using Ralm.Ranking.OffPolicy;
using RalmActors.Messages.Serving;
using Xunit;

namespace Ralm.Ranking.Tests.OffPolicy;

public sealed class PolicyValueSpecs
{
    private const int Worlds = 200;
    private const int Visits = 1_500;

    private static readonly PolicyEstimates[] Played;
    private static readonly double[] Truth;

    static PolicyValueSpecs()
    {
        var worlds = Enumerable.Range(0, Worlds).Select(seed => new LoggedWorld(seed)).ToArray();
        Played = [.. worlds.Select(w => w.Play(Visits).Estimate())];
        Truth = [.. worlds.Select(w => w.TrueValue)];
    }

    public static TheoryData<string> Names => ["ips", "snips", "dr"];

    /// <summary>The mean error over worlds is within three of its own standard errors.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void An_estimate_is_not_off_in_the_mean(string name)
    {
        var errors = Played.Select((p, k) => Of(p, name).Estimate - Truth[k]).ToArray();
        var mean = errors.Average();
        var error = Math.Sqrt(errors.Sum(e => (e - mean) * (e - mean)) / (errors.Length - 1) / errors.Length);

        Assert.InRange(mean, -3 * error, 3 * error);
        Assert.InRange(error, 0, 0.01);
    }

    /// <summary>At 95 %; 200 worlds of which fewer than 91 % hold come by chance once in 150 times.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Intervals_hold_the_truth_as_often_as_they_say(string name)
    {
        var held = Played.Where((p, k) => Truth[k] >= Of(p, name).Lower && Truth[k] <= Of(p, name).Upper).Count();

        Assert.InRange(held / (double)Worlds, 0.91, 0.99);
    }

    [Fact]
    public void The_logs_own_value_is_another_than_the_policys() =>
        Assert.All(Played.Index(), p => Assert.True(p.Item.LoggedValue.Upper < Truth[p.Index]));

    [Fact]
    public void Weights_are_one_in_the_mean() => Assert.InRange(Played.Average(p => p.MeanWeight), 0.98, 1.02);

    [Fact]
    public void A_model_that_knows_makes_the_interval_narrower()
    {
        var known = new LoggedWorld(1) { Model = r => r }
            .Play(Visits)
            .Estimate();

        Assert.True(Width(known.Dr!) < 0.8 * Width(known.Ips!), $"{known.Dr} and {known.Ips}");
    }

    /// <summary>Propensities that are wrong, and a model that is right.</summary>
    [Fact]
    public void Doubly_robust_is_right_by_the_model_alone()
    {
        var world = new LoggedWorld(2) { Told = p => Math.Min(1, 2 * p), Model = r => r };
        var estimates = world.Play(20_000).Estimate();

        Assert.InRange(estimates.Dr!.Estimate - world.TrueValue, -0.02, 0.02);
        Assert.InRange(estimates.Ips!.Estimate / world.TrueValue, 0.3, 0.75);
        Assert.InRange(estimates.MeanWeight, 0.3, 0.75);
    }

    /// <summary>A model that is wrong, and propensities that are right.</summary>
    [Fact]
    public void Doubly_robust_is_right_by_the_propensities_alone()
    {
        var world = new LoggedWorld(3) { Model = r => 1 - r };
        var estimates = world.Play(20_000).Estimate();

        Assert.InRange(estimates.Dr!.Estimate - world.TrueValue, -0.03, 0.03);
    }

    [Fact]
    public void Where_both_decide_alike_all_rows_count_and_the_value_is_the_logs()
    {
        var value = new PolicyValue();
        for (var k = 0; k < 1_000; k++)
        {
            value.Add(new OffPolicyRow($"u-{k}", 0.25, 0.25, k % 4 == 0 ? 1 : 0));
        }

        var estimates = value.Estimate();

        Assert.Equal(1_000, estimates.EffectiveSampleSize, 6);
        Assert.Equal(0.25, estimates.Snips!.Estimate, 9);
        Assert.Equal(estimates.LoggedValue.Lower, estimates.Ips!.Lower, 9);
        // 0.25 +- 1.96 sqrt(.25 .75 / 1000), and a little for Student.
        Assert.InRange(estimates.Ips.Upper, 0.25 + 0.0268, 0.25 + 0.0272);
    }

    /// <summary>Ten rows of one user that are all alike are one.</summary>
    [Fact]
    public void Rows_of_one_user_are_not_taken_for_many()
    {
        var (alone, together) = (new PolicyValue(), new PolicyValue());
        for (var k = 0; k < 2_000; k++)
        {
            var row = new OffPolicyRow($"u-{k}", 0.5, 0.5, k / 10 % 2);
            alone.Add(row);
            together.Add(row with { User = $"u-{k / 10}" });
        }

        var ratio = Width(together.Estimate().Snips!) / Width(alone.Estimate().Snips!);

        Assert.InRange(ratio, 3.1, 3.3);
    }

    [Fact]
    public void Below_a_thousand_decisions_it_refuses_and_still_says_the_effective_size()
    {
        var refused = new LoggedWorld(4).Play(999).Estimate();
        var given = new LoggedWorld(4).Play(1_000).Estimate();

        Assert.Equal("has 999 decisions; must be at least 1,000", refused.Refused);
        Assert.Null(refused.Ips ?? refused.Snips ?? refused.Dr);
        Assert.InRange(refused.EffectiveSampleSize, 30, 999);
        Assert.Null(given.Refused);
        Assert.NotNull(given.Dr);
    }

    [Fact]
    public void Nothing_at_all_is_refused_without_a_number_that_is_none()
    {
        var estimates = new PolicyValue().Estimate();

        Assert.Equal("has 0 decisions; must be at least 1,000", estimates.Refused);
        Assert.Equal((0, 0, 0), (estimates.EffectiveSampleSize, estimates.MeanWeight, estimates.LoggedValue.Estimate));
    }

    [Fact]
    public void Too_little_overlap_is_refused()
    {
        var world = new LoggedWorld(5) { Exploration = new Exploration { Epsilon = 0.01 } };

        var estimates = world.Play(1_000).Estimate();

        Assert.StartsWith("has an effective sample size of ", estimates.Refused, StringComparison.Ordinal);
        Assert.InRange(estimates.EffectiveSampleSize, 0, 30);
    }

    [Fact]
    public void A_cap_is_told_with_how_many_it_has_cut()
    {
        var free = new LoggedWorld(6).Play(Visits).Estimate();
        var capped = new LoggedWorld(6).Play(Visits, cap: 2).Estimate();

        Assert.Equal((null, 0), (free.Cap, free.Capped));
        Assert.Equal(2, capped.Cap);
        Assert.InRange(capped.Capped, 1, Visits / 2);
        Assert.True(capped.Ips!.Estimate < free.Ips!.Estimate);
        Assert.Equal((free.LargestWeight, free.MeanWeight), (capped.LargestWeight, capped.MeanWeight));
    }

    [Theory]
    [InlineData(0.5, 0, 1, 0.5, "Propensity")]
    [InlineData(0.5, 1.001, 1, 0.5, "Propensity")]
    [InlineData(0.5, double.NaN, 1, 0.5, "Propensity")]
    [InlineData(-0.1, 0.5, 1, 0.5, "PolicyChance")]
    [InlineData(double.NaN, 0.5, 1, 0.5, "PolicyChance")]
    [InlineData(0.5, 0.5, double.NaN, 0.5, "Reward")]
    [InlineData(0.5, 0.5, 2, 0.5, "Reward")]
    [InlineData(0.5, 0.5, 1, double.PositiveInfinity, "ExpectedOfShown")]
    public void What_is_no_probability_is_refused_by_name(
        double chance,
        double propensity,
        double reward,
        double expected,
        string name
    )
    {
        var value = new PolicyValue();

        var refused = Assert.Throws<ArgumentOutOfRangeException>(() =>
            value.Add(new OffPolicyRow("u", chance, propensity, reward, expected))
        );

        Assert.Equal(name, refused.ParamName);
        Assert.Equal(0, value.Estimate().Rows);
    }

    private static ValueEstimate Of(PolicyEstimates estimates, string name) =>
        name switch
        {
            "ips" => estimates.Ips!,
            "snips" => estimates.Snips!,
            _ => estimates.Dr!,
        };

    private static double Width(ValueEstimate value) => value.Upper - value.Lower;
}
