using Google.Protobuf;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class VerdictRuleSpecs
{
    [Fact]
    public void A_rate_is_compared_in_every_way_people_ask_for()
    {
        var test = Given(Create(d => (d.Method, d.HorizonUnits) = (Method.FixedHorizon, 2000)), Start());
        var evidence = Then(test, Report(0, 1, (1000, 100), (1000, 130))).State.Verdict!.Evidence;

        Assert.Equal(.1, evidence.ControlMean, 12);
        Assert.Equal(.03, evidence.Effect, 12);
        Assert.Equal(.3, evidence.Lift, 12);
        Assert.Equal(.035488, evidence.ChiSquareP, 6);
        Assert.Equal(.042088, evidence.YatesP, 6);
        Assert.Equal(.094225, evidence.EffectSize, 6);
        Assert.Equal(1.344828, evidence.OddsRatio, 6);
        Assert.Equal(0, evidence.FisherP);
        Assert.InRange(evidence.ChanceToWin, .98, .985);
    }

    [Fact]
    public void Phases_of_a_ramp_add_up_and_each_has_its_own_split_check()
    {
        var test = Given(
            Create(d => d.Ramp.Add([100, 10_000])),
            Start(),
            new RampExperiment { Header = Header(), ExperimentId = "t" },
            Report(
                0,
                1,
                Rate("a", 500, 50),
                Rate("b", 500, 60),
                Rate("a", 1000, 100, phase: 2),
                Rate("b", 1000, 110, phase: 2)
            )
        );

        Assert.Equal(1500, test.State.Totals("a", "match").Units);
        Assert.Equal([1, 2], test.State.SampleRatio.Keys);
    }

    [Fact]
    public void A_broken_split_blocks_until_it_has_evened_out()
    {
        var test = Given(Create(), Start(), Report(0, 1, (1500, 150), (1000, 100)));
        var broken = VerdictRule.Of(test.State)!;
        Then(test, Report(1, 1, (9000, 900), (9500, 950)));
        var even = VerdictRule.Of(test.State)!;

        Assert.Equal(Finding.Blocked, broken.Finding);
        Assert.InRange(broken.SampleRatio[0].AnytimeP, 0, SampleRatio.Broken);
        Assert.StartsWith("sample-ratio mismatch in phase 1", broken.Warnings[0], StringComparison.Ordinal);
        Assert.Equal((Finding.Undecided, 1), (even.Finding, even.SampleRatio[0].AnytimeP));
        Assert.Empty(even.Warnings);
    }

    /// <summary>Three units at 99:1, one of them in the small arm: by chi-square p = 2e-8, exactly .03.</summary>
    [Fact]
    public void A_few_units_are_no_broken_split()
    {
        var test = Given(
            Create(d => (d.Arms[0].Weight, d.Arms[1].Weight) = (9900, 100)),
            Start(),
            Report(0, 1, (2, 0), (1, 0))
        );

        Assert.Equal(1, VerdictRule.Of(test.State)!.SampleRatio[0].AnytimeP);
    }

    /// <summary>An arm in which nothing has happened yet is not exactly known: Fisher's p is 1.</summary>
    [Fact]
    public void None_of_forty_beside_a_few_of_many_is_no_harm()
    {
        var test = Given(
            Create(d =>
            {
                (d.Arms[0].Weight, d.Arms[1].Weight) = (500, 9500);
                d.Metrics.Add(new Metric { Name = "match" });
                d.Metrics.Add(new Metric { Name = "reports", LowerIsBetter = true });
                d.Guardrails.Add(new Guardrail { Metric = "reports", Margin = .005 });
                d.OnGuardrail = AutomaticAction.RollBack;
            }),
            Start(),
            Report(
                0,
                1,
                Rate("a", 40, 4),
                Rate("b", 760, 76),
                Rate("a", 40, 0, metric: "reports"),
                Rate("b", 760, 18, metric: "reports")
            )
        );

        Assert.Equal(Finding.Undecided, VerdictRule.Of(test.State)!.Finding);
        Assert.Equal(ExperimentStatus.Running, test.State.Stage);
    }

    [Fact]
    public void A_count_tells_its_lift_for_its_mean_has_no_interval()
    {
        var test = Given(
            Create(d =>
            {
                d.Metric = "likes";
                d.Metrics.Add(new Metric { Name = "likes", Kind = MetricKind.Count });
            }),
            Start(),
            Report(0, 1, Mean("a", "likes", 2000, 5, 5), Mean("b", "likes", 2000, 6, 5))
        );

        var verdict = test.State.Verdict!;
        Assert.Equal(
            (double.NegativeInfinity, double.PositiveInfinity),
            (verdict.Evidence.EffectLow, verdict.Evidence.EffectHigh)
        );
        Assert.InRange(verdict.Evidence.LiftLow, .05, .2);
        Assert.StartsWith("Promote b: b changes likes by 20.00 % (", verdict.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_arms_share_the_level_and_the_best_is_promoted()
    {
        var test = Given(
            Create(d =>
            {
                d.Arms[0].Weight = 4000;
                d.Arms[1].Weight = 3000;
                d.Arms.Add(
                    new Arm
                    {
                        Name = "c",
                        Weight = 3000,
                        VersionId = "v3",
                    }
                );
            }),
            Start(),
            Report(0, 1, Rate("a", 4000, 400), Rate("b", 3000, 420), Rate("c", 3000, 450))
        );

        var verdict = test.State.Verdict!;
        Assert.Equal("c", verdict.Winner);
        var alone = new RatioSequence(
            ArmSums.OfRate(4000, 400),
            ArmSums.OfRate(3000, 420),
            isRate: true,
            new Tuning(.05)
        ).LogE();
        Assert.Equal(EValue.P(alone), verdict.Comparisons.Single(c => c.Arm == "b").PValue, 12);
        Assert.All(verdict.Comparisons, c => Assert.Equal(Math.Min(1, 2 * c.PValue), c.AdjustedP, 12));
    }

    [Fact]
    public void The_control_is_kept_when_every_arm_is_worse()
    {
        var test = Given(Create(), Start(), Report(0, 1, (2000, 320), (2000, 200)));

        Assert.Equal((Finding.ControlWins, "a"), (test.State.Verdict!.Finding, test.State.Verdict.Winner));
    }

    /// <summary>No unit of an arm differs from another: their own variance is nothing, and would prove anything.</summary>
    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.Msprt)]
    [InlineData(Method.FixedHorizon)]
    [InlineData(Method.Bayesian)]
    public void All_against_none_is_decided_once_the_units_suffice(Method method)
    {
        ExperimentState Reached(int units) =>
            Given(
                Create(d => (d.Method, d.HorizonUnits, d.PlausibleEffect) = (method, 200, .05)),
                Start(),
                Report(0, 1, (units, 0), (units, units))
            ).State;

        var (few, many) = (VerdictRule.Of(Reached(1)), VerdictRule.Of(Reached(100)));

        Assert.Equal(Finding.Undecided, few.Finding);
        Assert.Equal((Finding.ArmWins, "b"), (many.Finding, many.Winner));
        // As if all 200 were drawn from one urn, half of them matches.
        Assert.Equal(Math.Sqrt(200 * .25 / 199 * 2 / 100), many.Evidence.StandardError, 12);
    }

    [Fact]
    public void None_against_all_of_the_control_is_a_lift_of_minus_one_with_its_interval()
    {
        var evidence = VerdictRule.Of(Given(Create(), Start(), Report(0, 1, (60, 60), (60, 0))).State).Evidence;

        Assert.Equal(-1, evidence.Lift);
        Assert.Equal((-1, -1), (evidence.EffectLow, evidence.LiftLow));
        Assert.InRange(evidence.EffectHigh, -1, -.1);
        Assert.InRange(evidence.LiftHigh, -1, -.1);
    }

    [Fact]
    public void A_metric_that_should_be_low_wins_by_being_low()
    {
        var test = Given(
            Create(d => d.Metrics.Add(new Metric { Name = "match", LowerIsBetter = true })),
            Start(),
            Report(0, 1, (2000, 320), (2000, 200))
        );

        Assert.Equal("b", test.State.Verdict!.Winner);
    }

    [Fact]
    public void No_effect_worth_having_is_a_finding_too()
    {
        var test = Given(Create(d => d.ExpectedEffect = .02), Start(), Report(0, 1, (40_000, 4000), (40_000, 4010)));

        Assert.Equal(Finding.NoDifference, test.State.Verdict!.Finding);
    }

    [Fact]
    public void Units_still_needed_shrink_to_nothing()
    {
        var test = Given(Create(d => d.ExpectedEffect = .02), Start(), Report(0, 1, (500, 50), (500, 52)));
        var early = VerdictRule.Of(test.State)!.UnitsStillNeeded;
        Then(test, Report(0, 2, (4000, 400), (4000, 404)));

        Assert.InRange(early, 5000, 30_000);
        Assert.InRange(early - VerdictRule.Of(test.State)!.UnitsStillNeeded, 6000, 8000);
    }

    [Fact]
    public void A_group_sequential_test_decides_only_at_its_looks()
    {
        var test = Given(
            Create(d => (d.Method, d.HorizonUnits, d.Looks) = (Method.GroupSequential, 10_000, 2)),
            Start(),
            Report(0, 1, (2000, 200), (2000, 300))
        );
        Assert.Equal(ExperimentStatus.Running, test.State.Stage);
        Assert.Empty(test.State.Looks);

        Then(test, Report(0, 2, (2500, 250), (2500, 375)));
        Assert.Equal([.5], test.State.Looks);
        Assert.Equal("b", test.State.Verdict!.Winner);
    }

    [Fact]
    public void A_mixture_test_remembers_its_strongest_look()
    {
        var test = Given(
            Create(d => (d.Method, d.OnVerdict) = (Method.Msprt, AutomaticAction.Wait)),
            Start(),
            Report(0, 1, (2000, 200), (2000, 300)),
            Report(1, 1, (2000, 200), (2000, 100))
        );

        var evidence = VerdictRule.Of(test.State)!.Evidence;
        Assert.Equal((.05, 0), (Math.Round(evidence.Effect, 12), Math.Round(evidence.EffectNow, 12)));
        Assert.InRange(evidence.PValue, .001, .01);
    }

    [Fact]
    public void A_mean_is_compared_by_the_larger_of_both_variances()
    {
        var test = Given(
            Create(d =>
            {
                d.Metric = "revenue";
                d.Metrics.Add(new Metric { Name = "revenue", Kind = MetricKind.Continuous });
                (d.Method, d.HorizonUnits) = (Method.FixedHorizon, 400);
            }),
            Start(),
            Report(0, 1, Mean("a", "revenue", 200, 50, 10), Mean("b", "revenue", 200, 53, 12))
        );

        var evidence = test.State.Verdict!.Evidence;
        // All units together vary more than each arm by itself, and that is the variance without an effect.
        var se = Math.Sqrt((200 * 100 + 200 * 144 + 100 * 9) / 399.0 * 2 / 200);
        Assert.Equal(3, evidence.Effect, 12);
        Assert.Equal(se, evidence.StandardError, 12);
        Assert.Equal(3 / se, evidence.Statistic, 9);
        Assert.Equal("b", test.State.Verdict.Winner);
    }

    [Fact]
    public void The_same_events_give_the_same_bytes()
    {
        ReportCell[] reports = [Report(0, 1, (900, 90), (905, 95)), Report(1, 1, (800, 80), (810, 100))];
        var one = Given([Create(), Start(), .. reports]);
        var restored = ExperimentState.FromSnapshot("t", one.State.ToSnapshot());

        Assert.Equal(
            VerdictRule.Of(one.State)!.ToByteArray(),
            VerdictRule.Of(restored with { SequenceNr = one.State.SequenceNr })!.ToByteArray()
        );
    }

    [Fact]
    public void A_verdict_computed_anew_from_the_events_before_it_has_the_bytes_that_were_stored()
    {
        var test = Given(
            Create(),
            Start(),
            Report(0, 1, (1000, 100), (1000, 110)),
            Report(0, 2, (3000, 300), (3000, 450))
        );
        var stored = test.State.Verdict!;
        var replayed = new EntityCore<ExperimentState>("t");
        Then(replayed, Create(), Start(), Report(0, 1, (1000, 100), (1000, 110)));
        replayed.Apply(replayed.Decide(Report(0, 2, (3000, 300), (3000, 450)), Now).Events[0]);

        Assert.Equal(4, stored.SequenceNr);
        Assert.Equal(5, test.State.SequenceNr);
        Assert.Equal(stored.ToByteArray(), VerdictRule.Of(replayed.State).ToByteArray());
    }

    [Theory]
    [InlineData("clicks", 0, "metric")]
    [InlineData("", .7, "alpha")]
    [InlineData("", -.1, "alpha")]
    public void A_question_that_cannot_be_asked_is_refused_by_name(string metric, double alpha, string field)
    {
        var test = Given(Create(), Start());

        var reply = (VerdictReply)test.State.Answer(new GetVerdict { Metric = metric, Alpha = alpha });
        Assert.Equal(field, reply.Rejection.Field);
        Assert.Null(reply.Verdict);
    }

    [Fact]
    public void Another_question_is_answered_from_the_same_statistics()
    {
        var test = Given(Create(d => d.HorizonUnits = 2000), Start(), Report(0, 1, (1000, 100), (1000, 130)));

        var strict = VerdictRule.Of(test.State, new Question("match", .05, Method.FixedHorizon))!;
        Assert.Equal(Method.FixedHorizon, strict.Method);
        Assert.Equal(VerdictRule.Of(test.State)!.InputHash, strict.InputHash);
        Assert.Equal(.035, strict.Evidence.PValue, .001);
    }
}
