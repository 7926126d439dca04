using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>
/// Inactive → Pending → Firing → Resolved, a function of the samples alone: time is the samples' own. A look without the
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

        var state = current?.State ?? AlertState.Inactive;
        var next = rule.IsBreachedBy(value) ? OnBreach(rule, current, state, at) : OnNormal(state);
        // A silence that ends while the alert still fires is news: somebody has to be told now.
        var unsilenced = next == AlertState.Firing && current is { Silenced: true } && !silenced;
        return next == state && !unsilenced
            ? null
            : new Alert
            {
                RuleId = rule.RuleId,
                State = next,
                Since = next == state ? current!.Since : Timestamp.FromDateTimeOffset(at),
                Value = value,
                Severity = rule.Severity,
                Silenced = silenced,
            };
    }

    private static AlertState OnBreach(ThresholdRule rule, Alert? current, AlertState state, DateTimeOffset at) =>
        state switch
        {
            AlertState.Firing => AlertState.Firing,
            AlertState.Pending => Held(current!, at) >= rule.ForSeconds ? AlertState.Firing : AlertState.Pending,
            _ => rule.ForSeconds == 0 ? AlertState.Firing : AlertState.Pending,
        };

    private static AlertState OnNormal(AlertState state) =>
        state switch
        {
            AlertState.Firing => AlertState.Resolved,
            AlertState.Pending => AlertState.Inactive,
            _ => state,
        };

    private static double Held(Alert pending, DateTimeOffset at) =>
        (at - pending.Since.ToDateTimeOffset()).TotalSeconds;
}
