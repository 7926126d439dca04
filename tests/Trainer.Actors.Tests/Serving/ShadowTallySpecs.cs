using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ShadowTallySpecs
{
    private static readonly double[] Champion = [0.1, 0.2, 0.3, 0.4];

    [Fact]
    public void It_adds_up_how_far_scores_are_apart_and_how_alike_their_order_is()
    {
        var tally = new ShadowTally();
        tally.Add(Champion, [0.2, 0.3, 0.4, 0.5], 1, 1);
        tally.Add(Champion, [0.4, 0.3, 0.2, 0.1], 1, 1);

        var seen = tally.Counts;
        Assert.Equal((2, 0, 8, 2), (seen.Requests, seen.Failures, seen.Candidates, seen.Ranked));
        Assert.Equal(0.4 + 0.8, seen.AbsoluteDifference, 12);
        Assert.Equal(0, seen.RankCorrelation, 12);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_a_failure_and_nothing_else()
    {
        var tally = new ShadowTally();
        tally.Add(Champion, [0.2, double.NaN, 0.4, 0.5], 1, 1);
        tally.Add(Champion, [0.2], 1, 1);
        tally.Fail();

        Assert.Equal((3, 3, 0), (tally.Counts.Requests, tally.Counts.Failures, tally.Counts.Candidates));
    }

    [Fact]
    public void Equal_scores_have_no_order()
    {
        var tally = new ShadowTally();
        tally.Add(Champion, [0.5, 0.5, 0.5, 0.5], 1, 1);

        Assert.Equal((1, 0, 0.0), (tally.Counts.Requests, tally.Counts.Ranked, tally.Counts.RankCorrelation));
    }

    [Fact]
    public void A_models_first_requests_are_not_timed()
    {
        var tally = new ShadowTally();
        for (var k = 0; k < 5; k++)
        {
            tally.Add(Champion, Champion, 1, k < 3 ? 100 : 2);
        }

        Assert.Equal((2, 2.0, 4.0), (tally.Counts.Timed, tally.Counts.ChampionSeconds, tally.Counts.ShadowSeconds));
    }
}
