using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>
/// Inactive → Pending → Firing → Resolved, by the samples and their own times; and, by the collector's clock, what it means that
/// no number comes. A sampling without the metric, or with NaN, says nothing.
/// </summary>
public static class AlertMachine
{
    /// <summary>The alert after one sample, or <c>null</c> when nothing changed.</summary>
    /// <param name="current"><c>null</c> is Inactive.</param>
    /// <param name="silenced">Whether a silence covers the sample's time.</param>
    /// <param name="afterGap">Too much time lies between the number before and this one for it to say what was between.</param>
    public static Alert? Next(
        ThresholdRule rule,
        Alert? current,
        double value,
        DateTimeOffset at,
        bool silenced,
        bool afterGap = false
    )
    {
        if (double.IsNaN(value))
        {
            return null;
        }

        var state = current?.Status ?? AlertStatus.Inactive;
        var (next, since, clearSince) = state switch
        {
            AlertStatus.Firing when current!.NoData => (AfterSilence(rule, value), at, null),
            AlertStatus.Firing => OnFiring(rule, current!, value, at, afterGap),
            AlertStatus.NoData when current!.Before == AlertStatus.Firing => OnFiring(rule, current, value, at, true),
            AlertStatus.Pending when !afterGap && at >= current!.Since.ToDateTimeOffset() => OnPending(
                rule,
                current,
                value,
                at
            ),
            _ => (OnQuiet(rule, state, value), at, null),
        };
        return Changed(
            current,
            new Alert
            {
                RuleId = rule.RuleId,
                Status = next,
                Since =
                    next == state && !(next == AlertStatus.Pending && since == at)
                        ? current?.Since
                        : Timestamp.FromDateTimeOffset(at),
                Value = value,
                Severity = rule.Severity,
                Silenced = silenced,
                ClearSince = clearSince is { } clear ? Timestamp.FromDateTimeOffset(clear) : null,
            },
            at
        );
    }

    /// <summary>The alert when no number has come for too long, or <c>null</c> when nothing changes.</summary>
    /// <param name="sourceIsGone">Then an alert that silence would end is kept: nobody knows.</param>
    public static Alert? OnSilence(
        ThresholdRule rule,
        Alert? current,
        DateTimeOffset now,
        bool silenced,
        bool sourceIsGone = false
    )
    {
        var state = current?.Status ?? AlertStatus.Inactive;
        var next = rule.NoData switch
        {
            NoData.Fire => AlertStatus.Firing,
            NoData.Resolve when state == AlertStatus.Firing && sourceIsGone => AlertStatus.NoData,
            NoData.Resolve when state == AlertStatus.NoData && !sourceIsGone => current!.Before == AlertStatus.Firing
                ? AlertStatus.Resolved
                : AlertStatus.Inactive,
            NoData.Resolve when state == AlertStatus.Firing => AlertStatus.Resolved,
            NoData.Resolve when state == AlertStatus.Pending => AlertStatus.Inactive,
            NoData.Resolve => state,
            _ => AlertStatus.NoData,
        };
        return Changed(
            current,
            new Alert
            {
                RuleId = rule.RuleId,
                Status = next,
                Since = next == state ? current?.Since : Timestamp.FromDateTimeOffset(now),
                Value = current?.Value ?? double.NaN,
                Severity = rule.Severity,
                Silenced = silenced,
                Before =
                    next != AlertStatus.NoData ? AlertStatus.Unspecified
                    : state == AlertStatus.NoData ? current!.Before
                    : state == AlertStatus.Firing ? AlertStatus.Firing
                    : AlertStatus.Inactive,
                NoData = next == AlertStatus.Firing,
            },
            now
        );
    }

    /// <summary>The rule is gone, or asks another question now: what it had told is over. Null: nobody was told.</summary>
    public static Alert? OnRuleGone(Alert current, DateTimeOffset now) =>
        !current.Told && current.Status != AlertStatus.Firing
            ? null
            : new Alert(current)
            {
                Status = AlertStatus.Resolved,
                Since = Timestamp.FromDateTimeOffset(now),
                Before = AlertStatus.Unspecified,
                NoData = false,
                ClearSince = null,
                Told = false,
                ToldAt = null,
                AcknowledgedBy = "",
            };

    /// <summary>No silence covers it any more. Null: nothing changes.</summary>
    public static Alert? OnSilenceEnd(Alert current, DateTimeOffset now) =>
        current.Silenced ? Changed(current, new Alert(current) { Silenced = false }, now) : null;

    /// <summary>What people hear of a change: that it fires, or that what they heard of is over.</summary>
    public static bool IsTold(Alert? before, Alert next) =>
        before is { Told: true } ? next.Status == AlertStatus.Resolved : next.Told;

    /// <summary>Adds whether somebody is told of it; null when nothing is new.</summary>
    private static Alert? Changed(Alert? current, Alert next, DateTimeOffset at)
    {
        var fires = next.Status == AlertStatus.Firing;
        next.Told =
            next.Status != AlertStatus.Resolved
            // A silence that ends while the alert still fires is news: somebody has to be told now.
            && (current is { Told: true } || (fires && !next.Silenced));
        next.ToldAt = next.Told ? current?.ToldAt : null;
        next.AcknowledgedBy = fires || next.Told ? current?.AcknowledgedBy ?? "" : "";
        var firedBefore = current is { Status: AlertStatus.Firing } or { Before: AlertStatus.Firing };
        next.FiredAt = next.Status switch
        {
            AlertStatus.Inactive or AlertStatus.Pending => null,
            AlertStatus.Firing when !firedBefore => Timestamp.FromDateTimeOffset(at),
            _ => current?.FiredAt,
        };
        var before = current ?? new Alert { Status = AlertStatus.Inactive };
        var isNews =
            next.Status != before.Status
            || next.NoData != before.NoData
            || (next.Status is AlertStatus.Firing or AlertStatus.Pending && !Equals(next.ClearSince, before.ClearSince))
            || (next.Status == AlertStatus.Pending && !Equals(next.Since, before.Since))
            || (fires && (next.Told != before.Told || (before.Silenced && !next.Silenced)));
        return isNews ? next : null;
    }

    private static (AlertStatus, DateTimeOffset, DateTimeOffset?) OnFiring(
        ThresholdRule rule,
        Alert current,
        double value,
        DateTimeOffset at,
        bool afterGap
    )
    {
        if (rule.IsHeldBy(value))
        {
            return (AlertStatus.Firing, at, null);
        }

        var clear = ClearSince(current, at, afterGap);
        return IsOver(rule, clear, at) ? (AlertStatus.Resolved, at, null) : (AlertStatus.Firing, at, clear);
    }

    /// <summary>An interruption too short to resolve a firing alert does not begin the holding time anew either.</summary>
    private static (AlertStatus, DateTimeOffset, DateTimeOffset?) OnPending(
        ThresholdRule rule,
        Alert current,
        double value,
        DateTimeOffset at
    )
    {
        var since = current.Since.ToDateTimeOffset();
        if (rule.IsBreachedBy(value))
        {
            return (at - since).TotalSeconds >= rule.ForSeconds
                ? (AlertStatus.Firing, at, null)
                : (AlertStatus.Pending, since, null);
        }

        if (rule.IsHeldBy(value))
        {
            return (AlertStatus.Pending, since, null);
        }

        var clear = ClearSince(current, at, afterGap: false);
        return IsOver(rule, clear, at) ? (AlertStatus.Inactive, at, null) : (AlertStatus.Pending, since, clear);
    }

    private static AlertStatus OnQuiet(ThresholdRule rule, AlertStatus state, double value) =>
        rule.IsBreachedBy(value) ? (rule.ForSeconds == 0 ? AlertStatus.Firing : AlertStatus.Pending)
        : state == AlertStatus.Resolved ? AlertStatus.Resolved
        : AlertStatus.Inactive;

    private static AlertStatus AfterSilence(ThresholdRule rule, double value) =>
        rule.IsBreachedBy(value) ? AlertStatus.Firing : AlertStatus.Resolved;

    private static DateTimeOffset ClearSince(Alert current, DateTimeOffset at, bool afterGap) =>
        !afterGap && current.ClearSince?.ToDateTimeOffset() is { } clear && clear <= at ? clear : at;

    private static bool IsOver(ThresholdRule rule, DateTimeOffset clear, DateTimeOffset at) =>
        (at - clear).TotalSeconds >= rule.KeepFiringSeconds;
}
