using System.Runtime.InteropServices;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Sample = MathNet.Numerics.Statistics.Statistics;

namespace RalmActors.AbTesting.Domain.Simulation;

/// <summary>
/// One run of a design: units are drawn, and the entity itself is told and decides, report by report, exactly as it will.
/// </summary>
internal static class SimulatedRun
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="design">Complete, see <see cref="DesignRules"/>.</param>
    /// <param name="run">Of the design's: the same one draws the same units.</param>
    /// <param name="looked">Hears of every look; may end the run by throwing.</param>
    public static RunOutcome Play(SimulationDesign design, int run, Action looked)
    {
        var d = design.Definition;
        var random = new Random(unchecked((int)(design.Seed * 1_000_003 + run)));
        var experiment = ExperimentState
            .Empty("simulated")
            .Apply(new ExperimentCreated { Definition = d })
            .Apply(new ExperimentStarted { Phase = 1, Exposure = d.Ramp[0] });
        var totals = new ArmTotals[d.Arms.Count, d.Metrics.Count];
        var harmed = DesignRules.Harmed(design);
        var (outcome, revision) = (new RunOutcome { IsCovered = true }, 0L);
        for (var unit = 1; unit <= design.Units && experiment.Stage == ExperimentStatus.Running; unit++)
        {
            Draw(design, random, totals);
            if (unit % design.LookEvery == 0 || unit == design.Units)
            {
                looked();
                experiment = Hear(experiment, Report(d, totals, ++revision));
                outcome = outcome.After(experiment, unit, harmed) with
                {
                    IsCovered = outcome.IsCovered && Covers(design, experiment),
                };
            }
        }

        return outcome with
        {
            IsWithdrawn = Rollout.IsFalselyWithdrawn(experiment, design.Effect, harmed),
        };
    }

    /// <summary>Shares of the runs.</summary>
    public static SimulationResult Sum(SimulationDesign design, RunOutcome[] runs)
    {
        var side = Math.Sign(design.Effect);
        double[] decided = [.. runs.Where(r => r.Units > 0).Select(r => (double)r.Units)];
        return new SimulationResult
        {
            Runs = design.Runs,
            FalsePrimary = Share(r => side == 0 ? r.Side != 0 : r.Side == -side),
            FalseGuardrail = Share(r => r.IsHarmed),
            FalseRollout = Share(r => r.IsWithdrawn),
            Coverage = Share(r => r.IsCovered),
            Power = Share(r => side == 0 ? r.Side != 0 : r.Side == side),
            MedianUnits = decided.Length > 0 ? Sample.Median(decided) : 0,
        };

        double Share(Func<RunOutcome, bool> holds) => (double)runs.Count(holds) / runs.Length;
    }

    private static void Draw(SimulationDesign design, Random random, ArmTotals[,] totals)
    {
        var d = design.Definition;
        var (arm, bucket) = (0, random.Next(DefinitionRules.AllUnits));
        while (bucket >= d.Arms[arm].Weight)
        {
            bucket -= d.Arms[arm++].Weight;
        }

        for (var m = 0; m < d.Metrics.Count; m++)
        {
            var isMoved = arm > 0 && d.Metrics[m].Name == d.Metric;
            var (rate, effect) = (DesignRules.RateOf(design, m), isMoved ? design.Effect : 0);
            var (y, x) = d.Metrics[m].Adjusted
                ? Draws.Adjusted(d.Metrics[m].Kind, rate, effect, random)
                : Draws.Of(d.Metrics[m].Kind, rate + effect, random);
            totals[arm, m] = totals[arm, m].Add(ArmTotals.Millionths(y), ArmTotals.Millionths(x));
        }
    }

    private static ReportCell Report(ExperimentDefinition d, ArmTotals[,] totals, long revision)
    {
        var report = new ReportCell { Revision = revision };
        for (var arm = 0; arm < d.Arms.Count; arm++)
        {
            for (var m = 0; m < d.Metrics.Count && totals[arm, m].Units > 0; m++)
            {
                report.Arms.Add(totals[arm, m].ToMessage(new ArmKey(1, d.Arms[arm].Name, d.Metrics[m].Name)));
            }
        }

        return report;
    }

    /// <summary>As the entity does: it decides, and what it has decided happens.</summary>
    private static ExperimentState Hear(ExperimentState experiment, ReportCell report) =>
        experiment.Decide(report, Start).Events.Aggregate(experiment, (state, e) => state.Apply(e));

    /// <summary>By the interval that is told: of the effect, or of the lift where that has none.</summary>
    private static bool Covers(SimulationDesign design, ExperimentState experiment)
    {
        var d = design.Definition;
        var primary = d.Metrics.First(m => m.Name == d.Metric);
        var rate = DesignRules.RateOf(design, d.Metrics.IndexOf(primary));
        return experiment
            .Evidence.Where(e => e.Key.Role == MetricRole.Primary)
            .All(e =>
                double.IsFinite(e.Value.Effect.Low) || double.IsFinite(e.Value.Effect.High)
                    ? e.Value.Effect.Contains(
                        primary.Adjusted ? design.Effect : Draws.MeanOf(primary.Kind, design.Effect)
                    )
                    : rate == 0 || e.Value.Lift.Contains(design.Effect / rate)
            );
    }
}

/// <summary>What a run came to.</summary>
/// <param name="Side">Of the first arm that was found; 0: none.</param>
/// <param name="Units">That had come then; 0: none was found.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RunOutcome(int Side, int Units, bool IsHarmed, bool IsCovered, bool IsWithdrawn)
{
    /// <param name="harmed">Metrics whose guardrails are truly broken: it is right to say so.</param>
    public RunOutcome After(ExperimentState experiment, int units, IReadOnlySet<string> harmed)
    {
        var found = experiment
            .Evidence.FirstOrDefault(e => e.Key.Role == MetricRole.Primary && e.Value.Crossing is not null)
            .Value?.Crossing;
        return this with
        {
            Side = Side != 0 ? Side : found?.Side ?? 0,
            Units = Side != 0 || found is null ? Units : units,
            IsHarmed =
                IsHarmed
                || experiment.Evidence.Any(e =>
                    e.Key.Role == MetricRole.Guardrail && e.Value.Crossing is not null && !harmed.Contains(e.Key.Metric)
                ),
        };
    }
}
