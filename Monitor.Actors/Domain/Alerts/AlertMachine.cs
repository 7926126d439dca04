using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>
/// Inactive → Pending → Firing → Resolved, a function of the samples alone: time is the samples' own. A sampling without the
/// metric, or with NaN, says nothing, so the alert stays as it is.
/// </summary>
public static class AlertMachine
{
    /// <summary>The alert after one sample, or <c>null</c> when nothing changed.</summary>
    /// <param name="current"><c>null</c> is Inactive.</param>
    /// <param name="silenced">Whether a silence covers the sample's time.</param>
    public static Alert? Next(ThresholdRule rule, Alert? current, double value, DateTimeOffset at, bool silenced)
    {
        if (double.IsNaN(value))
        {
            return null;
        }

        var state = current?.Status ?? AlertStatus.Inactive;
        var next = rule.IsBreachedBy(value) ? OnBreach(rule, current, state, at) : OnNormal(state);
        // A silence that ends while the alert still fires is news: somebody has to be told now.
        var unsilenced = next == AlertStatus.Firing && current is { Silenced: true } && !silenced;
        return next == state && !unsilenced
            ? null
            : new Alert
            {
                RuleId = rule.RuleId,
                Status = next,
                Since = next == state ? current!.Since : Timestamp.FromDateTimeOffset(at),
                Value = value,
                Severity = rule.Severity,
                Silenced = silenced,
            };
    }

    private static AlertStatus OnBreach(ThresholdRule rule, Alert? current, AlertStatus state, DateTimeOffset at) =>
        state switch
        {
            AlertStatus.Firing => AlertStatus.Firing,
            AlertStatus.Pending => Held(current!, at) >= rule.ForSeconds ? AlertStatus.Firing : AlertStatus.Pending,
            _ => rule.ForSeconds == 0 ? AlertStatus.Firing : AlertStatus.Pending,
        };

    private static AlertStatus OnNormal(AlertStatus state) =>
        state switch
        {
            AlertStatus.Firing => AlertStatus.Resolved,
            AlertStatus.Pending => AlertStatus.Inactive,
            _ => state,
        };

    private static double Held(Alert pending, DateTimeOffset at) =>
        (at - pending.Since.ToDateTimeOffset()).TotalSeconds;
}
