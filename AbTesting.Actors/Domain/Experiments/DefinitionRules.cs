using System.Globalization;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a definition must say, and what it leaves to the house.</summary>
internal static class DefinitionRules
{
    public const int AllUnits = Assignment.Buckets;
    public const int MaxArms = 20;
    public const int MaxMetrics = 16;
    public const int MaxWords = 2000;
    public const int FewestTuned = 500;

    /// <summary>A year, in seconds.</summary>
    public const long MaxDelay = 31_536_000;

    /// <summary>Basis points of a family.</summary>
    public const int MaxHeldOut = 5000;

    /// <summary>A copy in which every number that must be set is: older journals did not write a zero.</summary>
    public static ExperimentDefinition Copy(ExperimentDefinition d)
    {
        var copy = d.Clone();
        for (var i = 0; i < d.Arms.Count; i++)
        {
            copy.Arms[i].Weight = d.Arms[i].Weight;
        }

        if (d.Layer is not null)
        {
            copy.Layer.From = d.Layer.From;
        }

        return copy;
    }

    /// <summary>Every default written out, so that a later release's defaults do not change a running test.</summary>
    public static ExperimentDefinition Complete(string experimentId, ExperimentDefinition given)
    {
        var d = given.Clone();
        d.Salt = d.Salt.Length > 0 ? d.Salt : experimentId;
        d.Metric =
            d.Metric.Length > 0 ? d.Metric
            : d.Metrics.Count > 0 ? d.Metrics[0].Name
            : "conversion";
        if (d.Metrics.Count == 0)
        {
            d.Metrics.Add(new Metric { Name = d.Metric });
        }

        foreach (var metric in d.Metrics)
        {
            metric.Kind = metric.Kind == MetricKind.Unspecified ? MetricKind.Binary : metric.Kind;
        }

        d.Alpha = Or(d.Alpha, 0.05);
        d.Power = Or(d.Power, 0.8);
        d.MinUnitsPerArm = d.MinUnitsPerArm == 0 ? 100 : d.MinUnitsPerArm;
        d.Cells = d.Cells == 0 ? 16 : d.Cells;
        d.Method = d.Method == Method.Unspecified ? Method.AlwaysValid : d.Method;
        d.Hashing = d.Hashing == Hashing.Unspecified ? Hashing.Murmur3 : d.Hashing;
        d.OnVerdict = Or(d.OnVerdict);
        d.OnGuardrail = Or(d.OnGuardrail);
        d.TunedFor = Or(d.TunedFor, 5000);
        // What is plausible of a count or a sum only its owner knows.
        d.PlausibleEffect =
            d.Metrics.FirstOrDefault(m => m.Name == d.Metric)?.Kind == MetricKind.Binary
                ? Or(d.PlausibleEffect, 0.01)
                : d.PlausibleEffect;
        d.Looks = d.Looks == 0 ? 5 : d.Looks;
        d.StepSeconds = d.StepSeconds == 0 ? 86_400 : d.StepSeconds;
        if (d.Ramp.Count == 0)
        {
            d.Ramp.Add(AllUnits);
        }

        d.Promotion = d.Promotion is null ? null : PlanRules.Complete(d.Promotion);
        return d;
    }

    public static Rejection? Check(string experimentId, ExperimentDefinition d) =>
        Ids.Check("definition.family", d.Family)
        ?? Ids.Check("definition.salt", d.Salt)
        ?? CheckArms(d)
        ?? CheckMetrics(d)
        ?? Range("definition.alpha", d.Alpha, d.Alpha is > 0 and < 0.5, "must be above 0 and below 0.5")
        ?? Range("definition.power", d.Power, d.Power is > 0 and < 1, "must be above 0 and below 1")
        ?? Range("definition.min_units_per_arm", d.MinUnitsPerArm, d.MinUnitsPerArm > 0, "must be positive")
        ?? Range("definition.cells", d.Cells, d.Cells is >= 1 and <= 1024, "must be 1 to 1,024")
        ?? Range(
            "definition.tuned_for",
            d.TunedFor,
            d.TunedFor >= FewestTuned,
            $"must be at least {FewestTuned}: tighter to the first units it errs more often than it says"
        )
        ?? Range("definition.plausible_effect", d.PlausibleEffect, d.PlausibleEffect >= 0, "must be 0 or more")
        ?? Range("definition.expected_effect", d.ExpectedEffect, d.ExpectedEffect >= 0, "must be 0 or more")
        ?? CheckMethod(d)
        ?? CheckTimes(d)
        ?? CheckActions(d)
        ?? CheckShares(d)
        ?? SegmentRules.Check(d)
        ?? PlanRules.Check(experimentId, d.Promotion)
        ?? Words("definition.hypothesis", d.Hypothesis);

    private static Rejection? CheckActions(ExperimentDefinition d) =>
        d.OnVerdict == AutomaticAction.RollBack
            ? Rejections.Invalid("definition.on_verdict", d.OnVerdict, "must be WAIT, STOP or PROMOTE")
        : d.OnGuardrail == AutomaticAction.Promote
            ? Rejections.Invalid("definition.on_guardrail", d.OnGuardrail, "must be WAIT, STOP or ROLL_BACK")
        : null;

    public static Rejection? Words(string field, string words) =>
        Range(field, words.Length, words.Length <= MaxWords, $"must be at most {MaxWords:N0} characters");

    /// <summary>What may change while units are assigned: nothing that moves a unit or rewrites what was counted.</summary>
    public static Rejection? CheckSafeEdit(ExperimentDefinition now, ExperimentDefinition then)
    {
        var fixedParts = Copy(then);
        fixedParts.Metrics.Clear();
        fixedParts.Metrics.Add(now.Metrics);
        fixedParts.Guardrails.Clear();
        fixedParts.Guardrails.Add(now.Guardrails);
        fixedParts.MinSeconds = now.MinSeconds;
        fixedParts.MaxSeconds = now.MaxSeconds;
        fixedParts.StepSeconds = now.StepSeconds;
        fixedParts.OnVerdict = now.OnVerdict;
        fixedParts.OnGuardrail = now.OnGuardrail;
        fixedParts.Hypothesis = now.Hypothesis;
        fixedParts.Promotion = now.Promotion;
        return !fixedParts.Equals(Copy(now))
                ? Rejections.Conflict(
                    "definition",
                    "",
                    "a test that has begun may only gain metrics, and change guardrails, times, actions and words"
                )
            : !then.Metrics.Take(now.Metrics.Count).SequenceEqual(now.Metrics)
                ? Rejections.Conflict("definition.metrics", "", "those there are must stay, in their order")
            : null;
    }

    private static Rejection? CheckMetrics(ExperimentDefinition d)
    {
        if (d.Metrics.Count is < 1 or > MaxMetrics)
        {
            return Rejections.Invalid("definition.metrics", d.Metrics.Count, $"must be 1 to {MaxMetrics}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < d.Metrics.Count; i++)
        {
            if (CheckMetric($"definition.metrics[{i}]", d.Metrics[i], names) is { } bad)
            {
                return bad;
            }
        }

        return OneOf("definition.metric", d.Metric, names)
            ?? d.Guardrails.Select((g, i) => CheckGuardrail($"definition.guardrails[{i}]", d, g, names))
                .FirstOrDefault(r => r is not null);
    }

    /// <summary>A margin is on the scale on which the metric's evidence holds at any look.</summary>
    private static Rejection? CheckGuardrail(string field, ExperimentDefinition d, Guardrail g, HashSet<string> names)
    {
        if (OneOf($"{field}.metric", g.Metric, names) is { } unknown)
        {
            return unknown;
        }

        var metric = d.Metrics.First(m => m.Name == g.Metric);
        var isSum = metric is { Kind: MetricKind.Count or MetricKind.Continuous, Adjusted: false };
        var isRate = metric is { Kind: MetricKind.Binary, Adjusted: false };
        return Range($"{field}.margin", g.Margin, g.Margin >= 0, "must be 0 or more")
            ?? Range(
                $"{field}.margin",
                g.Margin,
                g.Margin == 0 || !isSum,
                "must be 0 for a count or a sum: set relative_margin, a share of the control's mean"
            )
            ?? Range(
                $"{field}.margin",
                g.Margin,
                g.Margin < 1 || !isRate,
                "must be below 1: a rate has no more to lose"
            )
            ?? Range(
                $"{field}.relative_margin",
                g.RelativeMargin,
                g.RelativeMargin is >= 0 and < 1,
                "must be 0 or more and below 1, a share of the control's mean"
            )
            ?? Range(
                $"{field}.relative_margin",
                g.RelativeMargin,
                g.RelativeMargin == 0 || isSum || isRate,
                "must be 0 for a ratio or what is adjusted: set margin, in the metric's own unit"
            )
            ?? Range(
                $"{field}.relative_margin",
                g.RelativeMargin,
                g.RelativeMargin == 0 || g.Margin == 0,
                "must be 0 where margin is set: one of both"
            );
    }

    private static Rejection? CheckMetric(string field, Metric metric, HashSet<string> names) =>
        Ids.Check($"{field}.name", metric.Name)
        ?? (names.Add(metric.Name) ? null : Rejections.Invalid($"{field}.name", metric.Name, "must not come twice"))
        ?? (metric.Kind == MetricKind.Ratio ? Ids.Check($"{field}.denominator", metric.Denominator) : null)
        ?? Range($"{field}.window_seconds", metric.WindowSeconds, metric.WindowSeconds >= 0, "must be 0 or more")
        ?? Range(
            $"{field}.from_seconds",
            metric.FromSeconds,
            metric.FromSeconds >= 0 && (metric.WindowSeconds == 0 || metric.FromSeconds <= metric.WindowSeconds),
            "must be 0 or more, and no more than window_seconds"
        )
        ?? Range(
            $"{field}.delay_seconds",
            metric.DelaySeconds,
            metric.DelaySeconds is >= 0 and <= MaxDelay,
            $"must be 0 to {MaxDelay.ToString("N0", CultureInfo.InvariantCulture)}"
        )
        ?? (
            metric is { CountAtOnce: true, DelaySeconds: > 0 }
                ? Rejections.Invalid($"{field}.count_at_once", "true", "cannot go with delay_seconds")
                : null
        )
        ?? (
            metric is { Kind: MetricKind.Ratio, Adjusted: true }
                ? Rejections.Invalid($"{field}.adjusted", "true", "a ratio cannot be adjusted")
                : null
        );

    /// <summary>The method can answer this definition's question.</summary>
    public static Rejection? CheckMethod(ExperimentDefinition d) =>
        d.Method switch
        {
            Method.FixedHorizon or Method.GroupSequential => Range(
                "definition.horizon_units",
                d.HorizonUnits,
                d.HorizonUnits > 0,
                "must be positive for a planned end"
            ) ?? Range("definition.looks", d.Looks, d.Looks is >= 2 and <= 20, "must be 2 to 20"),
            Method.Msprt => Range(
                "definition.plausible_effect",
                d.PlausibleEffect,
                d.PlausibleEffect > 0,
                "must be set for a metric that is not a rate, in its own unit"
            ),
            Method.Bayesian when d.Metrics.First(m => m.Name == d.Metric).Kind != MetricKind.Binary =>
                Rejections.Invalid("definition.method", d.Method, "needs a binary metric"),
            _ when Enum.IsDefined(d.Method) => null,
            _ => Rejections.Invalid("definition.method", d.Method, "is not known"),
        };

    private static Rejection? CheckTimes(ExperimentDefinition d) =>
        Range("definition.step_seconds", d.StepSeconds, d.StepSeconds > 0, "must be positive")
        ?? Range("definition.min_seconds", d.MinSeconds, d.MinSeconds >= 0, "must be 0 or more")
        ?? Range(
            "definition.max_seconds",
            d.MaxSeconds,
            d.MaxSeconds == 0 || d.MaxSeconds >= Math.Max(1, d.MinSeconds),
            "must be 0, or at least min_seconds"
        );

    public static Rejection? CheckRamp(string field, IReadOnlyList<int> ramp)
    {
        for (var i = 0; i < ramp.Count; i++)
        {
            var least = i == 0 ? 1 : ramp[i - 1] + 1;
            if (ramp[i] < least || ramp[i] > AllUnits)
            {
                return Rejections.Invalid($"{field}[{i}]", ramp[i], $"must rise: {least:N0} to {AllUnits:N0}");
            }
        }

        return null;
    }

    private static Rejection? CheckShares(ExperimentDefinition d) =>
        CheckRamp("definition.ramp", d.Ramp)
        ?? Range("definition.holdout", d.Holdout, d.Holdout is >= 0 and <= MaxHeldOut, "must be 0 to 5,000")
        ?? (
            d.Layer is { } layer
                ? Ids.Check("definition.layer.name", layer.Name)
                    ?? Set("definition.layer.from", layer.HasFrom)
                    ?? Range(
                        "definition.layer.from",
                        layer.From,
                        layer.From >= 0 && layer.From < layer.To,
                        "must be 0 or more, and below layer.to"
                    )
                    ?? Range("definition.layer.to", layer.To, layer.To <= AllUnits, $"must be at most {AllUnits:N0}")
                : null
        );

    private static Rejection? CheckArms(ExperimentDefinition d)
    {
        if (d.Arms.Count is < 2 or > MaxArms)
        {
            return Rejections.Invalid("definition.arms", d.Arms.Count, $"must be 2 to {MaxArms}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < d.Arms.Count; i++)
        {
            if (CheckArm($"definition.arms[{i}]", d.Arms[i], names) is { } bad)
            {
                return bad;
            }
        }

        var sum = d.Arms.Sum(a => (long)a.Weight);
        return Range("definition.arms.weight", sum, sum == AllUnits, $"must add up to {AllUnits:N0}");
    }

    private static Rejection? Set(string field, bool isSet) =>
        isSet ? null : Rejections.Invalid(field, "", "must be set");

    private static Rejection? CheckArm(string field, Arm arm, HashSet<string> names) =>
        Ids.Check($"{field}.name", arm.Name)
        ?? (names.Add(arm.Name) ? null : Rejections.Invalid($"{field}.name", arm.Name, "must not come twice"))
        ?? Set($"{field}.weight", arm.HasWeight)
        ?? Range($"{field}.weight", arm.Weight, arm.Weight is >= 1 and <= AllUnits, $"must be 1 to {AllUnits:N0}")
        ?? (
            arm.VersionId.Length > 0 == arm.LineageId.Length > 0
                ? Rejections.Invalid($"{field}.version_id", arm.VersionId, "set this or lineage_id, one of them")
                : Ids.Check(field, arm.VersionId.Length > 0 ? arm.VersionId : arm.LineageId)
        );

    private static Rejection? OneOf(string field, string name, IReadOnlyCollection<string> names) =>
        names.Contains(name) ? null : Rejections.Invalid(field, name, $"must be one of {string.Join(", ", names)}");

    private static Rejection? Range(string field, double value, bool holds, string rule) =>
        holds ? null : Rejections.Invalid(field, value.ToString(CultureInfo.InvariantCulture), rule);

    private static AutomaticAction Or(AutomaticAction given) =>
        given == AutomaticAction.Unspecified ? AutomaticAction.Wait : given;

    private static double Or(double given, double otherwise) => given == 0 ? otherwise : given;
}
