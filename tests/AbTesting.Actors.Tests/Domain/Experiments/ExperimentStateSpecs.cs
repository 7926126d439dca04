using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class ExperimentStateSpecs
{
    [Fact]
    public void A_definition_with_weights_that_do_not_add_up_is_refused_by_name()
    {
        var decision = Given().State.Decide(Create(d => d.Arms[1].Weight = 4000), Now);

        Assert.Equal("definition.arms.weight", decision.Rejection!.Field);
        Assert.Equal("9000", decision.Rejection.Value);
        Assert.Equal("must add up to 10,000", decision.Rejection.Rule);
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void A_test_that_was_never_created_cannot_be_started()
    {
        var decision = Given().State.Decide(Start(), Now);

        Assert.Equal(RejectionCode.NotFound, decision.Rejection!.Code);
    }

    [Fact]
    public void An_older_report_of_a_cell_changes_nothing()
    {
        var test = Given(Create(), Start(), Report(0, revision: 7, (100, 10), (100, 12)));

        Assert.Empty(test.State.Decide(Report(0, revision: 7, (200, 20), (200, 24)), Now).Events);
        Assert.Equal(100, test.State.Totals("a", "match").Units);
    }

    [Fact]
    public void Both_chi_squares_agree_with_the_published_table()
    {
        var test = Given(
            Create(d => (d.Method, d.HorizonUnits) = (Method.FixedHorizon, 1_000_000)),
            Start(),
            Report(0, 1, (400, 40), (600, 80)),
            Report(1, 1, (600, 60), (400, 50))
        );

        var evidence = VerdictRule.Of(test.State)!.Evidence;
        Assert.Equal(4.421518, evidence.ChiSquare, 6);
        Assert.Equal(0.035488, evidence.ChiSquareP, 6);
        Assert.Equal(4.131663, evidence.Yates, 6);
        Assert.Equal(0.042088, evidence.YatesP, 6);
    }

    [Fact]
    public void The_confidence_sequence_decides_only_when_it_leaves_zero_behind()
    {
        var test = Given(Create(), Start(), Report(0, 1, (1000, 100), (1000, 130)));
        Assert.Equal(ExperimentStatus.Running, test.State.Stage);
        Assert.Equal("", VerdictRule.Of(test.State)!.Winner);

        test = Then(test, Report(0, 2, (2000, 200), (2000, 300)));
        Assert.Equal(ExperimentStatus.Decided, test.State.Stage);
        Assert.Equal("b", test.State.Verdict!.Winner);
        Assert.InRange(test.State.Verdict.Evidence.EffectLow, 0.0001, 0.05);
    }

    [Fact]
    public void A_broken_split_blocks_the_verdict()
    {
        var test = Given(Create(), Start(), Report(0, 1, (3000, 300), (2000, 400)));

        Assert.Equal(ExperimentStatus.Running, test.State.Stage);
        Assert.StartsWith("No verdict", VerdictRule.Of(test.State)!.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_winner_that_is_a_lineage_is_promoted_as_a_version_of_the_test()
    {
        var test = Given(
            Create(d =>
            {
                d.Arms[1].VersionId = "";
                d.Arms[1].LineageId = "fresh";
            }),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320))
        );

        var promotion = Assert.IsType<PromotionRequested>(
            Assert.Single(test.State.Decide(new PromoteWinner { Header = Header(), ExperimentId = "t" }, Now).Events)
        );
        Assert.Equal(("t-b", "fresh"), (promotion.VersionId, promotion.LineageId));
    }

    [Fact]
    public void Nothing_is_promoted_without_a_winner()
    {
        var test = Given(Create(), Start(), Stop());

        var decision = test.State.Decide(new PromoteWinner { Header = Header(), ExperimentId = "t" }, Now);
        Assert.Equal("verdict.winner", decision.Rejection!.Field);
    }

    [Fact]
    public void A_snapshot_keeps_everything()
    {
        var test = Given(Create(), Start(), Report(0, 1, (2000, 200), (2000, 320)));

        Assert.Equal(test.State.ToSnapshot(), ExperimentState.FromSnapshot("t", test.State.ToSnapshot()).ToSnapshot());
    }
}
