using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Alerts;

public static class ThresholdRules
{
    public const int MaxRules = 256;
    private const double MaxForSeconds = 7 * 24 * 3600;

    /// <summary>Strictly beyond the threshold. NaN is beyond nothing.</summary>
    public static bool IsBreachedBy(this ThresholdRule rule, double value) =>
        rule.Comparison == Comparison.Above ? value > rule.Threshold : value < rule.Threshold;

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
            _ when !MetricNames.IsValid(rule.Metric) => Decision.Invalid(
                $"{field}.metric",
                rule.Metric,
                MetricNames.Rule
            ),
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
            { ForSeconds: not (>= 0 and <= MaxForSeconds) } => Decision.Invalid(
                $"{field}.for_seconds",
                rule.ForSeconds,
                "must be 0 to 604800 seconds"
            ),
            { Severity: not (Severity.Info or Severity.Warning or Severity.Critical) } => Decision.Invalid(
                $"{field}.severity",
                rule.Severity,
                "must be INFO, WARNING or CRITICAL"
            ),
            _ => null,
        };
}
