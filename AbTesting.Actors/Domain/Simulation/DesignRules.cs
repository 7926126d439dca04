using System.Globalization;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Simulation;

/// <summary>What a simulation's design must say, and what it leaves to the house.</summary>
public static class DesignRules
{
    private const int MaxUnits = 10_000_000;
    private const int MaxRuns = 100_000;
    private const long MaxDraws = 10_000_000_000;
    private const string Primary = "primary";
    private const string Guarded = "guarded";
    private const string ExperimentId = "simulated";

    /// <summary>Every default written out.</summary>
    public static SimulationDesign Complete(SimulationDesign given)
    {
        var d = given.Clone();
        d.Units = d.Units == 0 ? 3_000 : d.Units;
        d.LookEvery = d.LookEvery == 0 ? 50 : d.LookEvery;
        d.Runs = d.Runs == 0 ? 1_000 : d.Runs;
        if (d.Rates.Count == 0)
        {
            d.Rates.Add(0.1);
        }

        if (d.Split.Count == 0)
        {
            d.Split.Add([1, 1]);
        }

        d.Definition = DefinitionRules.Complete(
            ExperimentId,
            d.Definition is null ? Plain(d) : WithModels(d.Definition)
        );
        return d;
    }

    /// <param name="d">Complete.</param>
    public static Rejection? Check(SimulationDesign d) =>
        Range("units", d.Units, d.Units is >= 2 and <= MaxUnits, $"must be 2 to {MaxUnits:N0}")
        ?? Range("look_every", d.LookEvery, d.LookEvery >= 1, "must be positive")
        ?? Range("runs", d.Runs, d.Runs is >= 1 and <= MaxRuns, $"must be 1 to {MaxRuns:N0}")
        ?? Range("runs", d.Runs, (long)d.Runs * d.Units <= MaxDraws, $"must be at most {MaxDraws:N0} units in all")
        ?? d.Split.Select((s, i) => Range($"split[{i}]", s, s > 0 && double.IsFinite(s), "must be above 0"))
            .FirstOrDefault(r => r is not null)
        ?? Range("alpha", d.Alpha, d.Alpha is >= 0 and < 1, "must be above 0 and below 1")
        ?? CheckRates(d)
        ?? DefinitionRules.Check(ExperimentId, d.Definition);

    private static Rejection? CheckRates(SimulationDesign d)
    {
        var metrics = d.Definition.Metrics;
        if (d.Rates.Count != 1 && d.Rates.Count != metrics.Count)
        {
            return Range("rates", d.Rates.Count, false, $"must be one, or {metrics.Count}: one for each metric");
        }

        for (var i = 0; i < metrics.Count; i++)
        {
            var (rate, field) = (RateOf(d, i), d.Rates.Count == 1 ? "rates[0]" : $"rates[{i}]");
            var most = metrics[i].Kind == MetricKind.Count ? 1e6 : 1;
            if (Range(field, rate, rate >= 0 && rate <= most, $"must be 0 to {most:N0}") is { } bad)
            {
                return bad;
            }

            var moved = rate + d.Effect;
            if (
                metrics[i].Name == d.Definition.Metric
                && Range("effect", d.Effect, moved >= 0 && moved <= most, $"must leave the rate at 0 to {most:N0}")
                    is { } far
            )
            {
                return far;
            }
        }

        return null;
    }

    /// <summary>Metrics that the effect makes worse by more than their guardrail allows.</summary>
    internal static HashSet<string> Harmed(SimulationDesign design)
    {
        var d = design.Definition;
        var place = d.Metrics.ToList().FindIndex(m => m.Name == d.Metric);
        var metric = d.Metrics[place];
        var mean = Draws.MeanOf(metric.Kind, RateOf(design, place));
        var worse = Draws.MeanOf(metric.Kind, design.Effect) * (metric.LowerIsBetter ? 1 : -1);
        return d
            .Guardrails.Where(g => g.Metric == d.Metric && worse > Math.Max(g.Margin, g.RelativeMargin * mean))
            .Select(g => g.Metric)
            .ToHashSet(StringComparer.Ordinal);
    }

    internal static double RateOf(SimulationDesign d, int metric) => d.Rates.Count == 1 ? d.Rates[0] : d.Rates[metric];

    /// <summary>One primary metric, and a guardrail of the same kind to which nothing happens.</summary>
    private static ExperimentDefinition Plain(SimulationDesign d)
    {
        var plain = new ExperimentDefinition
        {
            Family = ExperimentId,
            Metric = Primary,
            Method = d.Method,
            Alpha = d.Alpha,
            HorizonUnits = d.Units,
            // In the metric's own unit: as large as what is looked for, or a tenth.
            PlausibleEffect = Draws.MeanOf(d.Metric, d.Effect == 0 ? RateOf(d, 0) / 10 : Math.Abs(d.Effect)),
            Metrics =
            {
                new Metric { Name = Primary, Kind = d.Metric },
                new Metric { Name = Guarded, Kind = d.Metric },
            },
            Guardrails = { new Guardrail { Metric = Guarded } },
        };
        foreach (var metric in plain.Metrics.Where(m => m.Kind == MetricKind.Ratio))
        {
            metric.Denominator = $"{metric.Name}-shown";
        }

        plain.Arms.Add(
            Weights(d.Split)
                .Select(
                    (weight, i) =>
                        new Arm
                        {
                            Name =
                                i == 0 ? "control"
                                : d.Split.Count == 2 ? "arm"
                                : $"arm-{i}",
                            Weight = weight,
                        }
                )
        );
        return WithModels(plain);
    }

    /// <summary>Nobody is served in a simulation: an arm without a model gets the name of one.</summary>
    private static ExperimentDefinition WithModels(ExperimentDefinition given)
    {
        var d = given.Clone();
        d.Family = d.Family.Length > 0 ? d.Family : ExperimentId;
        foreach (var arm in d.Arms.Where(a => a.VersionId.Length == 0 && a.LineageId.Length == 0))
        {
            arm.VersionId = "any";
        }

        return d;
    }

    /// <summary>Basis points that add up: the largest share takes what rounding leaves.</summary>
    private static int[] Weights(IReadOnlyList<double> split)
    {
        var sum = split.Sum();
        int[] weights = [.. split.Select(s => sum > 0 ? (int)Math.Round(DefinitionRules.AllUnits * s / sum) : 0)];
        weights[Array.IndexOf(weights, weights.Max())] += DefinitionRules.AllUnits - weights.Sum();
        return weights;
    }

    private static Rejection? Range(string field, double value, bool holds, string rule) =>
        holds ? null : Rejections.Invalid(field, value.ToString(CultureInfo.InvariantCulture), rule);
}
