using Google.Protobuf;
using MathNet.Numerics.Distributions;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

/// <summary>
/// Whatever is reported, in whatever order: finding, p, side and interval never contradict each other, and what was found stays found
/// until a new phase.
/// </summary>
public sealed class CoherenceSpecs
{
    private const double Alpha = .05;
    private const int Cells = 3;
    private static readonly int Stories = Seeds.IsLong ? 400 : 8;

    [Theory]
    [InlineData(Method.AlwaysValid, "binary")]
    [InlineData(Method.AlwaysValid, "count")]
    [InlineData(Method.AlwaysValid, "signed")]
    [InlineData(Method.AlwaysValid, "ratio")]
    [InlineData(Method.AlwaysValid, "adjusted")]
    [InlineData(Method.Msprt, "binary")]
    [InlineData(Method.Msprt, "count")]
    [InlineData(Method.Msprt, "adjusted")]
    [InlineData(Method.GroupSequential, "binary")]
    [InlineData(Method.GroupSequential, "count")]
    [InlineData(Method.FixedHorizon, "binary")]
    [InlineData(Method.FixedHorizon, "count")]
    [InlineData(Method.FixedHorizon, "ratio")]
    [InlineData(Method.Bayesian, "binary")]
    public void No_story_makes_a_verdict_contradict_itself(Method method, string metric)
    {
        for (var seed = 1; seed <= Stories; seed++)
        {
            Tell(new Random(seed), method, metric);
        }
    }

    private static void Tell(Random random, Method method, string metric)
    {
        var arms = random.Next(2, 4);
        var core = Given(Create(d => Define(d, random, method, metric, arms)), Start());
        var totals = new ArmTotals[Cells, arms];
        var (revision, found, smallest) = (0L, default((Finding Finding, string Winner)?), 1.0);
        // Better at first, worse later, or the other way about: what looks alike at the end need not have been so.
        double[] tilt = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble() * 2)];
        for (var report = 0; report < 40; report++)
        {
            if (report == 30 && random.Next(2) == 0)
            {
                Then(
                    core,
                    new StartExperiment
                    {
                        Header = Header(),
                        ExperimentId = "t",
                        NewPhase = true,
                    }
                );
                (totals, found, smallest) = (new ArmTotals[Cells, arms], null, 1);
            }

            var cell = random.Next(Cells);
            for (var units = random.Next(1, 120); units > 0; units--)
            {
                var arm = random.Next(arms);
                totals[cell, arm] = Add(totals[cell, arm], random, metric, arm == 0 ? 1 : tilt[report / 10]);
            }

            Then(core, Report(cell, ++revision, [.. Statistics(core.State, totals, cell, arms)]));
            var verdict = VerdictRule.Of(core.State);
            Agree(verdict, method, core.State.Definition!.Arms.Count - 1);
            Stay(verdict, ref found);
            if (verdict.Evidence is { } evidence && arms == 2 && method != Method.Bayesian && !evidence.Changed)
            {
                Assert.InRange(evidence.PValue, 0, smallest);
                smallest = evidence.PValue;
            }
        }

        var restored = ExperimentState.FromSnapshot("t", core.State.ToSnapshot());
        Assert.Equal(VerdictRule.Of(core.State).ToByteArray(), VerdictRule.Of(restored).ToByteArray());
    }

    private static void Agree(Verdict verdict, Method method, int comparisons)
    {
        foreach (var c in verdict.Comparisons.Where(c => c.Role == MetricRole.Primary))
        {
            var above = c.EffectLow > 0 || c.LiftLow > 0;
            var below = c.EffectHigh < 0 || c.LiftHigh < 0;
            Assert.False(above && below);
            Assert.InRange(c.Effect, c.EffectLow, c.EffectHigh);
            Assert.InRange(c.Lift, c.LiftLow, c.LiftHigh);
            if (c.Crossing is not null)
            {
                Assert.True(c.AdjustedP < Alpha, $"found, but p = {c.AdjustedP:G3}");
                Assert.Equal((c.Crossing.Side > 0, c.Crossing.Side < 0), (above, below));
            }
            else if (method != Method.Bayesian)
            {
                Assert.True(c.AdjustedP >= Alpha * (1 - 1e-6), $"not found, but p = {c.AdjustedP:G3}");
                Assert.Equal((false, false), (above, below));
            }
        }

        var expected = verdict.Finding switch
        {
            Finding.ArmWins => verdict.Evidence.Crossing?.Side == 1,
            Finding.ControlWins => verdict.Comparisons.Count(c =>
                c.Role == MetricRole.Primary && c.Crossing?.Side == -1
            ) == comparisons,
            Finding.Undecided or Finding.NoDifference => verdict.Evidence?.Crossing is null,
            _ => true,
        };
        Assert.True(expected, $"{verdict.Finding}: {verdict.Recommendation}");
    }

    private static void Stay(Verdict verdict, ref (Finding Finding, string Winner)? found)
    {
        if (verdict.Finding is Finding.Blocked)
        {
            return;
        }

        if (found is { } before)
        {
            Assert.True(
                verdict.Finding == before.Finding,
                $"{before.Finding} became {verdict.Finding}: {verdict.Recommendation}"
            );
        }
        else if (verdict.Finding is Finding.ArmWins or Finding.ControlWins)
        {
            found = (verdict.Finding, verdict.Winner);
        }
    }

    private static void Define(ExperimentDefinition d, Random random, Method method, string metric, int arms)
    {
        (d.Method, d.HorizonUnits, d.Looks, d.OnVerdict) = (method, 1500, random.Next(2, 6), AutomaticAction.Wait);
        (d.PlausibleEffect, d.ExpectedEffect) = (metric == "binary" ? .05 : .5, random.Next(2) == 0 ? 0 : .15);
        d.Metrics.Add(
            new Metric
            {
                Name = "match",
                Kind = metric switch
                {
                    "binary" => MetricKind.Binary,
                    "count" => MetricKind.Count,
                    "ratio" => MetricKind.Ratio,
                    _ => MetricKind.Continuous,
                },
                Denominator = metric == "ratio" ? "shown" : "",
                Adjusted = metric == "adjusted",
            }
        );
        d.Arms.Clear();
        for (var arm = 0; arm < arms; arm++)
        {
            d.Arms.Add(
                new Arm
                {
                    Name = $"arm{arm}",
                    Weight = (10_000 / arms) + (arm == 0 ? 10_000 % arms : 0),
                    VersionId = $"v{arm}",
                }
            );
        }
    }

    private static ArmTotals Add(ArmTotals totals, Random random, string metric, double times)
    {
        var before = Poisson.Sample(random, 2);
        var (y, x) = metric switch
        {
            "binary" => (random.NextDouble() < .3 * times ? 1 : 0, 0),
            "count" => (Poisson.Sample(random, Gamma.Sample(random, .5, .5 / (.001 + times))), 0),
            "signed" => (Normal.Sample(random, times - 1, 3), 0),
            "ratio" => (Binomial.Sample(random, .2 * times, 10), 10),
            _ => (before + Normal.Sample(random, times, 1), (double)before),
        };
        var value = ArmTotals.Millionths(y);
        return totals.Add(value, metric == "signed" ? Math.Max(0, -value) : ArmTotals.Millionths(x));
    }

    private static IEnumerable<ArmStatistics> Statistics(
        ExperimentState test,
        ArmTotals[,] totals,
        int cell,
        int arms
    ) =>
        // What earlier phases have counted stays counted.
        (test.Cells.GetValueOrDefault(cell)?.Arms.Where(a => a.Phase < test.Phase) ?? []).Concat(
            Enumerable
                .Range(0, arms)
                .Where(arm => totals[cell, arm].Units > 0)
                .Select(arm => totals[cell, arm].ToMessage(new ArmKey(test.Phase, $"arm{arm}", "match")))
        );
}
