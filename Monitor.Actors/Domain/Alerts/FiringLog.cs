using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>When alerts fired and when that was over, oldest first: the newest <see cref="MaxFirings"/>.</summary>
public sealed record FiringLog(ImmutableList<Firing> All)
{
    public const int MaxFirings = 200;

    public static readonly FiringLog None = new([]);

    /// <param name="metric">Of the alert's rule.</param>
    public FiringLog With(Alert alert, string metric)
    {
        var open = All.FindLastIndex(f => f.RuleId == alert.RuleId && f.ResolvedAt is null);
        return alert.Status switch
        {
            AlertStatus.Firing when open < 0 => new FiringLog(
                (All.Count < MaxFirings ? All : All.RemoveAt(0)).Add(
                    new Firing
                    {
                        RuleId = alert.RuleId,
                        Metric = metric,
                        Severity = alert.Severity,
                        FiredAt = alert.FiredAt ?? alert.Since,
                        Value = alert.Value,
                        NoData = alert.NoData,
                    }
                )
            ),
            AlertStatus.Resolved or AlertStatus.Inactive when open >= 0 => new FiringLog(
                All.SetItem(open, new Firing(All[open]) { ResolvedAt = alert.Since })
            ),
            _ => this,
        };
    }
}
