using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

/// <summary>What is found, by which look, with which words, and what may follow from it.</summary>
public sealed class FindingSpecs
{
    /// <summary>A horizon of 400, 20 of 200 against 120 of 200: clear at the look, and forgotten with the next event.</summary>
    [Fact]
    public void A_boundary_once_crossed_stays_crossed()
    {
        var test = Given(
            Create(d =>
                (d.Method, d.HorizonUnits, d.Looks, d.OnVerdict) = (
                    Method.GroupSequential,
                    400,
                    2,
                    AutomaticAction.Wait
                )
            ),
            Start(),
            Report(0, 1, (200, 20), (200, 120)),
            Report(1, 1, (1, 0), (0, 0)),
            Stop()
        );

        var verdict = test.State.Verdict!;
        Assert.Equal((Finding.ArmWins, "b"), (verdict.Finding, verdict.Winner));
        Assert.InRange(verdict.Evidence.AdjustedP, 0, .001);
        Assert.InRange(verdict.Evidence.EffectLow, .3, .5);
        Assert.Equal((3, 400), (verdict.Evidence.Crossing.SequenceNr, verdict.Evidence.Crossing.Units));
    }

    /// <summary>b leads by 30 points early and is level later: the side is the one on which it was found, with its numbers.</summary>
    [Fact]
    public void What_was_found_keeps_its_side_and_says_that_the_effect_has_changed()
    {
        var test = Given(
            Create(d => (d.Method, d.OnVerdict, d.PlausibleEffect) = (Method.Msprt, AutomaticAction.Wait, .1)),
            Start(),
            Report(0, 1, (100, 10), (100, 40)),
            Report(0, 2, (500, 200), (500, 195))
        );

        var verdict = VerdictRule.Of(test.State);
        Assert.Equal((Finding.ArmWins, "b"), (verdict.Finding, verdict.Winner));
        Assert.InRange(verdict.Evidence.EffectLow, 0, 1);
        Assert.Equal((.3, -.01), (Math.Round(verdict.Evidence.Effect, 12), Math.Round(verdict.Evidence.EffectNow, 12)));
        Assert.StartsWith(
            "Promote b: b changes match by 30.00 points",
            verdict.Recommendation,
            StringComparison.Ordinal
        );
        Assert.EndsWith("now the estimate is -1.00 points.", verdict.Recommendation, StringComparison.Ordinal);
        Assert.Contains(verdict.Warnings, w => w.Contains("has changed over time", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fixed_horizon_looks_once()
    {
        var test = Given(
            Create(d => (d.Method, d.HorizonUnits, d.OnVerdict) = (Method.FixedHorizon, 400, AutomaticAction.Wait)),
            Start(),
            Report(0, 1, (150, 15), (150, 45)),
            Report(0, 2, (200, 40), (200, 42)),
            Report(0, 3, (2000, 200), (2000, 400))
        );

        var verdict = VerdictRule.Of(test.State);
        Assert.Equal(Finding.NoDifference, verdict.Finding);
        Assert.InRange(verdict.Evidence.PValue, .5, 1);
    }

    /// <summary>All units first, then their outcomes: the estimate grows away from where it was first clear.</summary>
    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.Msprt)]
    public void Whoever_answers_late_makes_no_estimate_outside_of_its_own_interval(Method method)
    {
        var test = Given(
            Create(d => (d.Method, d.OnVerdict, d.PlausibleEffect) = (method, AutomaticAction.Wait, .1)),
            Start()
        );
        for (var batch = 1; batch <= 10; batch++)
        {
            Then(test, Report(0, batch, (300, 6 * batch), (300, 18 * batch)));
            var e = VerdictRule.Of(test.State).Evidence;
            Assert.InRange(e.Effect, e.EffectLow, e.EffectHigh);
        }

        Assert.StartsWith("Promote b: b changes match by 40.00 points", VerdictRule.Of(test.State).Recommendation);
    }

    [Fact]
    public void A_planned_method_tells_its_look_and_beside_it_what_is_now()
    {
        var test = Given(
            Create(d => (d.Method, d.HorizonUnits, d.OnVerdict) = (Method.FixedHorizon, 200, AutomaticAction.Wait)),
            Start(),
            Report(0, 1, (120, 36), (120, 36)),
            Report(0, 2, (320, 56), (320, 216))
        );

        var verdict = VerdictRule.Of(test.State);
        Assert.Equal(Finding.NoDifference, verdict.Finding);
        Assert.StartsWith("No difference shown: b changes match by 0.00 points (-", verdict.Recommendation);
        Assert.EndsWith("now the estimate is 50.00 points.", verdict.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Method.FixedHorizon)]
    [InlineData(Method.GroupSequential)]
    public void What_was_never_looked_at_is_undecided_and_says_so(Method method)
    {
        var test = Given(
            Create(d => (d.Method, d.HorizonUnits, d.Looks) = (method, 400, 2)),
            Start(),
            Report(0, 1, (200, 0), (200, 0)),
            Report(0, 2, (200, 20), (200, 140))
        );

        var verdict = VerdictRule.Of(test.State);
        Assert.Equal(Finding.Undecided, verdict.Finding);
        Assert.Contains(verdict.Warnings, w => w.StartsWith("match was not looked at: ", StringComparison.Ordinal));
        Assert.DoesNotContain("Infinity", verdict.Recommendation, StringComparison.Ordinal);
        Assert.Contains("60.00 points (not bounded yet)", verdict.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AutomaticAction.Promote, 120, 60, false)]
    [InlineData(AutomaticAction.Promote, 120, 200, true)]
    public void A_stop_promotes_no_more_than_the_definition_allows(
        AutomaticAction onVerdict,
        long least,
        int units,
        bool acts
    )
    {
        var test = Given(
            Create(d => (d.OnVerdict, d.MinUnitsPerArm, d.MinSeconds) = (onVerdict, least, 0)),
            Start(),
            new PauseExperiment { Header = Header(), ExperimentId = "t" },
            Report(0, 1, (units, 0), (units, units)),
            Stop()
        );

        Assert.Equal(Finding.ArmWins, test.State.Verdict!.Finding);
        Assert.Equal(acts, test.State.Promotion is not null);
        Assert.Equal(acts ? "" : "a has fewer than 120 units", test.State.HeldBack);
        if (!acts)
        {
            var refused = test.Decide(new PromoteWinner { Header = Header(), ExperimentId = "t" }, Now).Rejection!;
            Assert.Equal("verdict.winner", refused.Field);
        }
    }

    [Fact]
    public void A_new_phase_clears_a_broken_split_and_leaves_its_units_out()
    {
        var test = Given(
            Create(d => d.OnVerdict = AutomaticAction.Wait),
            Start(),
            Report(0, 1, (1500, 150), (1000, 100))
        );
        Assert.Equal(Finding.Blocked, VerdictRule.Of(test.State).Finding);

        Then(
            test,
            new StartExperiment
            {
                Header = Header(),
                ExperimentId = "t",
                NewPhase = true,
            },
            Report(
                0,
                2,
                Rate("a", 1500, 150),
                Rate("b", 1000, 100),
                Rate("a", 500, 50, phase: 2),
                Rate("b", 505, 52, phase: 2)
            )
        );

        var verdict = VerdictRule.Of(test.State);
        Assert.Equal(Finding.Undecided, verdict.Finding);
        Assert.Equal((500, 505), (test.State.Totals("a", "match").Units, test.State.Totals("b", "match").Units));
        Assert.EndsWith("its units are left out", verdict.Warnings[0], StringComparison.Ordinal);
    }

    /// <summary>Whoever was at x before is at x + 1 in the control and x + 1 in the arm: what is left to compare is rounding.</summary>
    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.FixedHorizon)]
    public void An_adjustment_that_explains_everything_leaves_nothing_to_compare(Method method)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            var test = Given(
                Create(d =>
                {
                    (d.Method, d.HorizonUnits, d.OnVerdict) = (method, 200, AutomaticAction.Wait);
                    d.Metrics.Add(
                        new Metric
                        {
                            Name = "match",
                            Kind = MetricKind.Continuous,
                            Adjusted = true,
                        }
                    );
                }),
                Start(),
                Report(0, 1, Shifted("a", random), Shifted("b", random))
            );

            var verdict = VerdictRule.Of(test.State);
            Assert.Equal(Finding.Undecided, verdict.Finding);
            Assert.Equal(1, verdict.Evidence.PValue);
        }

        static ArmStatistics Shifted(string arm, Random random)
        {
            var totals = default(ArmTotals);
            for (var i = 0; i < 200; i++)
            {
                var before = ArmTotals.Millionths(random.NextDouble() * 1000);
                totals = totals.Add(before + ArmTotals.One, before);
            }

            return totals.ToMessage(new ArmKey(1, arm, "match"));
        }
    }

    /// <summary>7 points worse at first, 1.5 in the end and no less clear: the bound is the one that goes with the newest numbers.</summary>
    [Fact]
    public void Harm_that_becomes_smaller_and_stays_clear_is_bounded_by_its_own_numbers()
    {
        var test = Given(
            Create(d =>
            {
                d.OnGuardrail = AutomaticAction.Wait;
                d.Metrics.Add(new Metric { Name = "match" });
                d.Metrics.Add(new Metric { Name = "reports", LowerIsBetter = true });
                d.Guardrails.Add(new Guardrail { Metric = "reports" });
            }),
            Start(),
            Report(0, 1, [.. Both(1_000, 50, 120)]),
            Report(0, 2, [.. Both(20_000, 1_000, 1_300)])
        );

        var harm = Assert.Single(VerdictRule.Of(test.State).Guardrails);
        Assert.Equal(.015, harm.Worse, 12);
        Assert.InRange(harm.WorseAtLeast, .001, harm.Worse);

        Then(test, Report(0, 3, [.. Both(40_000, 2_600, 2_600)]));
        harm = Assert.Single(VerdictRule.Of(test.State).Guardrails);
        Assert.InRange(harm.WorseAtLeast, .001, harm.Worse);

        static IEnumerable<ArmStatistics> Both(int units, int control, int arm) =>
            [
                Rate("a", units, units / 10),
                Rate("b", units, units / 10),
                Rate("a", units, control, metric: "reports"),
                Rate("b", units, arm, metric: "reports"),
            ];
    }

    [Fact]
    public void Harm_is_told_by_the_numbers_of_its_guardrail()
    {
        var test = Given(
            Create(d =>
            {
                d.OnGuardrail = AutomaticAction.RollBack;
                d.Metrics.Add(new Metric { Name = "match" });
                d.Metrics.Add(new Metric { Name = "reports", LowerIsBetter = true });
                d.Guardrails.Add(new Guardrail { Metric = "reports", Margin = .01 });
            }),
            Start(),
            Report(
                0,
                1,
                Rate("a", 2000, 200),
                Rate("b", 2000, 210),
                Rate("a", 2000, 40, metric: "reports"),
                Rate("b", 2000, 140, metric: "reports")
            )
        );

        var verdict = test.State.Verdict!;
        Assert.Equal(Finding.Harm, verdict.Finding);
        Assert.StartsWith(
            "Stop b: it makes reports worse than its margin of 1.00 points allows: by 5.00 points (at least ",
            verdict.Recommendation,
            StringComparison.Ordinal
        );
        var broken = Assert.Single(verdict.Guardrails);
        Assert.InRange(broken.WorseAtLeast, .01, .05);
        Assert.InRange(broken.AdjustedP, 0, .01);
    }

    /// <summary>Nothing varies: the effect is not known, the means are.</summary>
    [Fact]
    public void What_is_rare_or_alike_is_told_in_digits_that_say_something()
    {
        var alike = Given(
            Create(d => d.Metrics.Add(new Metric { Name = "match", Kind = MetricKind.Continuous })),
            Start(),
            Report(0, 1, Mean("a", "match", 200, 5, 0), Mean("b", "match", 200, 5, 0))
        );
        var rare = Given(Create(), Start(), Report(0, 1, (200_000, 100), (200_000, 108)));

        var evidence = VerdictRule.Of(alike.State).Evidence;
        Assert.Equal((5, 5, 1), (evidence.ControlMean, evidence.ArmMean, evidence.PValue));
        Assert.False(VerdictRule.Of(rare.State).Evidence.HasFisherP);
        Assert.Contains(
            "changes match by 0.0040 points (-0.0",
            VerdictRule.Of(rare.State).Recommendation,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_ratio_without_denominators_says_so()
    {
        var test = Given(
            Create(d =>
                d.Metrics.Add(
                    new Metric
                    {
                        Name = "match",
                        Kind = MetricKind.Ratio,
                        Denominator = "visit",
                    }
                )
            ),
            Start(),
            Report(0, 1, (200, 0), (200, 0))
        );

        Assert.Contains("have a visit", VerdictRule.Of(test.State).Recommendation, StringComparison.Ordinal);
    }

    /// <summary>Four guardrails in four arms: uncorrected, every seventh test without harm would be rolled back.</summary>
    [Fact]
    public void Guardrails_share_the_level_over_all_of_them()
    {
        static Finding Of(int guardrails) =>
            VerdictRule
                .Of(
                    Given(
                        Create(d =>
                        {
                            d.Metrics.Add(new Metric { Name = "match" });
                            for (var i = 0; i < guardrails; i++)
                            {
                                d.Metrics.Add(new Metric { Name = $"g{i}", LowerIsBetter = true });
                                d.Guardrails.Add(new Guardrail { Metric = $"g{i}" });
                            }
                        }),
                        Start(),
                        Report(
                            0,
                            1,
                            Rate("a", 1000, 100),
                            Rate("b", 1000, 100),
                            Rate("a", 1000, 50, metric: "g0"),
                            Rate("b", 1000, 86, metric: "g0")
                        )
                    ).State
                )
                .Finding;

        Assert.Equal((Finding.Harm, Finding.Undecided), (Of(1), Of(8)));
    }
}
