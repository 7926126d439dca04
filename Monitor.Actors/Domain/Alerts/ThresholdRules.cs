using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Alerts;

public static class ThresholdRules
{
    public const int MaxRules = 256;
    private const double MaxWindow = SeriesStore.RecentMs / 1000.0;
    private const double MaxSeconds = 7 * 24 * 3600;
    private const double MaxAhead = 30 * 24 * 3600;
    private const string PatternRule = MetricNames.Rule + "; a * in it stands for any text";

    /// <summary>Strictly beyond the threshold. NaN is beyond nothing.</summary>
    public static bool IsBreachedBy(this ThresholdRule rule, double value) =>
        rule.Comparison == Comparison.Above ? value > rule.Threshold : value < rule.Threshold;

    /// <summary>Still beyond what a breach must come back from to be over.</summary>
    public static bool IsHeldBy(this ThresholdRule rule, double value)
    {
        var bound = rule.HasResolveThreshold ? rule.ResolveThreshold : rule.Threshold;
        return rule.Comparison == Comparison.Above ? value > bound : value < bound;
    }

    /// <summary>Numbers further apart say nothing of what is between them.</summary>
    /// <param name="interval">Of the source.</param>
    public static TimeSpan SilentAfter(this ThresholdRule rule, TimeSpan interval) =>
        rule.HasNoDataAfterSeconds ? TimeSpan.FromSeconds(rule.NoDataAfterSeconds) : 3 * interval;

    /// <summary>The first broken rule as a refusal, or <c>null</c>.</summary>
    public static Decision? Check(IReadOnlyList<ThresholdRule> rules)
    {
        if (rules.Count > MaxRules)
        {
            return Decision.Invalid("rules", rules.Count, $"must be at most {MaxRules} rules");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < rules.Count; i++)
        {
            if (Check(rules[i], $"rules[{i}]") is { } refusal)
            {
                return refusal;
            }

            if (!seen.Add(rules[i].RuleId))
            {
                return Decision.Invalid($"rules[{i}].rule_id", rules[i].RuleId, "must be unique in the list");
            }
        }

        return null;
    }

    private static Decision? Check(ThresholdRule rule, string field) =>
        rule switch
        {
            _ when !Ids.IsValid(rule.RuleId) => Decision.Invalid($"{field}.rule_id", rule.RuleId, Ids.Rule),
            _ when !MetricNames.IsPattern(rule.Metric) => Decision.Invalid($"{field}.metric", rule.Metric, PatternRule),
            { Comparison: not (Comparison.Above or Comparison.Below) } => Decision.Invalid(
                $"{field}.comparison",
                rule.Comparison,
                "must be ABOVE or BELOW"
            ),
            { HasThreshold: false } => Decision.Invalid($"{field}.threshold", "", "must be set"),
            _ when !double.IsFinite(rule.Threshold) => Decision.Invalid(
                $"{field}.threshold",
                rule.Threshold,
                "must be a finite number"
            ),
            { ForSeconds: not (>= 0 and <= MaxSeconds) } => Decision.Invalid(
                $"{field}.for_seconds",
                rule.ForSeconds,
                "must be 0 to 604800 seconds"
            ),
            { HasResolveThreshold: true }
                when !double.IsFinite(rule.ResolveThreshold) || rule.IsBreachedBy(rule.ResolveThreshold) =>
                Decision.Invalid(
                    $"{field}.resolve_threshold",
                    rule.ResolveThreshold,
                    "must be a finite number on the side of the threshold where no breach is"
                ),
            { HasKeepFiringSeconds: true, KeepFiringSeconds: not (>= 0 and <= MaxSeconds) } => Decision.Invalid(
                $"{field}.keep_firing_seconds",
                rule.KeepFiringSeconds,
                "must be 0 to 604800 seconds"
            ),
            { HasNoDataAfterSeconds: true, NoDataAfterSeconds: not (>= 1 and <= MaxSeconds) } => Decision.Invalid(
                $"{field}.no_data_after_seconds",
                rule.NoDataAfterSeconds,
                "must be 1 to 604800 seconds"
            ),
            { NoData: not (NoData.Unspecified or NoData.Keep or NoData.Fire or NoData.Resolve) } => Decision.Invalid(
                $"{field}.no_data",
                rule.NoData,
                "must be KEEP, FIRE or RESOLVE"
            ),
            {
                Kind: not (
                    RuleKind.Unspecified
                    or RuleKind.Value
                    or RuleKind.Rate
                    or RuleKind.Ratio
                    or RuleKind.Forecast
                )
            } => Decision.Invalid($"{field}.kind", rule.Kind, "must be VALUE, RATE, RATIO or FORECAST"),
            { HasWindowSeconds: true, Kind: RuleKind.Unspecified or RuleKind.Value } => Decision.Invalid(
                $"{field}.window_seconds",
                rule.WindowSeconds,
                "must not be set for a VALUE, which is the newest"
            ),
            { HasWindowSeconds: true, WindowSeconds: not (>= 1 and <= MaxWindow) } => Decision.Invalid(
                $"{field}.window_seconds",
                rule.WindowSeconds,
                "must be 1 to 3600 seconds"
            ),
            { Kind: RuleKind.Ratio } when !MetricNames.IsPattern(rule.Divisor) => Decision.Invalid(
                $"{field}.divisor",
                rule.Divisor,
                PatternRule
            ),
            { Kind: not RuleKind.Ratio, Divisor.Length: > 0 } => Decision.Invalid(
                $"{field}.divisor",
                rule.Divisor,
                "must not be set but for a RATIO"
            ),
            { Kind: RuleKind.Forecast, AheadSeconds: not (>= 1 and <= MaxAhead) } => Decision.Invalid(
                $"{field}.ahead_seconds",
                rule.AheadSeconds,
                "must be 1 to 2592000 seconds"
            ),
            { Kind: not RuleKind.Forecast, HasAheadSeconds: true } => Decision.Invalid(
                $"{field}.ahead_seconds",
                rule.AheadSeconds,
                "must not be set but for a FORECAST"
            ),
            { Severity: not (Severity.Info or Severity.Warning or Severity.Critical) } => Decision.Invalid(
                $"{field}.severity",
                rule.Severity,
                "must be INFO, WARNING or CRITICAL"
            ),
            _ => null,
        };
}
