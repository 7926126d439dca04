using Ralm.Ranking.OffPolicy;
using Xunit;

namespace Ralm.Ranking.Tests.OffPolicy;

public sealed class RewardModelSpecs
{
    [Theory]
    [InlineData(0.2)]
    [InlineData(0.9)]
    public void It_begins_as_the_policys_own_score(double score) =>
        Assert.Equal(score, new RewardModel().Expected(score, 0.5), 9);

    /// <summary>Rewards follow the logged score's odds, halved; the policy's say nothing.</summary>
    [Fact]
    public void It_learns_which_score_tells()
    {
        var (model, random) = (new RewardModel(), new Random(1));
        for (var k = 0; k < 4_000; k++)
        {
            var (policy, logged) = (random.NextDouble(), random.NextDouble());
            var reward = random.NextDouble() < logged / 2 ? 1 : 0;
            model.Learn(policy, logged, reward);
        }

        Assert.InRange(model.Expected(0.9, 0.5), 0.15, 0.35);
        Assert.InRange(model.Expected(0.1, 0.5), 0.15, 0.35);
        Assert.True(model.Expected(0.5, 0.9) > model.Expected(0.5, 0.1) + 0.1);
    }

    [Fact]
    public void It_follows_a_taste_that_turns_around()
    {
        var (model, random) = (new RewardModel(), new Random(2));
        for (var k = 0; k < 8_000; k++)
        {
            var score = random.NextDouble();
            model.Learn(score, 0.5, random.NextDouble() < (k < 4_000 ? score : 1 - score) ? 1 : 0);
        }

        Assert.True(model.Expected(0.9, 0.5) < model.Expected(0.1, 0.5));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 0, 1)]
    public void The_ends_do_not_break_it(double policy, double logged, double reward)
    {
        var model = new RewardModel();
        for (var k = 0; k < 10_000; k++)
        {
            model.Learn(policy, logged, reward);
        }

        Assert.InRange(model.Expected(policy, logged), 0, 1);
        Assert.InRange(model.Expected(0.5, 0.5), 0, 1);
    }
}
