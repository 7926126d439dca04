using RalmActors.Scorer.Domain.Seeds;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ClusterRuleSpecs
{
    private static readonly ClusterRule Rule = new(0.1, TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData(9, 100, 0, false)]
    [InlineData(10, 100, 0, true)]
    [InlineData(3, 30, 0, true)]
    [InlineData(2, 30, 299, false)]
    [InlineData(1, 500, 300, true)]
    [InlineData(0, 500, 100_000, false)]
    public void A_tenth_more_or_five_minutes_whichever_is_first(int changes, int clustered, int seconds, bool due) =>
        Assert.Equal(due, Rule.IsDue(changes, clustered, TimeSpan.FromSeconds(seconds)));
}
