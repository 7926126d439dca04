using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// What any node should be told of before its operator has said anything. Quiet on a machine that is busy and well: load alone is no
/// trouble. What a node does not have (a certificate, lineages) is no silence.
/// </summary>
public static class NodeRules
{
    /// <summary>In every sampling of a probe.</summary>
    private const string Heartbeat = "monitor_samplings_waiting";

    private const double Hour = 3_600;
    private const double Day = 24 * Hour;

    public static readonly ImmutableArray<ThresholdRule> Default =
    [
        Above("node-cpu-high", "node_cpu_percent", 95, Severity.Info, forSeconds: Hour / 2, resolve: 85),
        Above("node-memory-high", "node_memory_used_percent", 90, Severity.Critical, forSeconds: 120, resolve: 87),
        Above("node-disk-high", "node_disk_used_percent", 85, Severity.Warning, forSeconds: 300, resolve: 83),
        Above("node-disk-full", "node_disk_used_percent", 95, Severity.Critical, resolve: 93),
        Ahead("node-disk-filling", "node_disk_used_percent", 100, Severity.Warning, ahead: 4 * Hour, forSeconds: 600),
        Above("samplings-lost", Heartbeat, 20, Severity.Warning),
        // Never below zero: it fires when the node has said nothing for three intervals.
        Below("node-down", Heartbeat, 0, Severity.Critical, noData: NoData.Fire),
        Above("cluster-unreachable", "ralm_cluster_unreachable", 0, Severity.Warning, forSeconds: 60),
        Above("clock-skew", "ralm_clock_skew_seconds", 1, Severity.Warning, forSeconds: 120, noData: NoData.Resolve),
        Below(
            "certificate-ending",
            "ralm_certificate_left_seconds",
            14 * Day,
            Severity.Warning,
            noData: NoData.Resolve
        ),
        Below("certificate-ends", "ralm_certificate_left_seconds", 2 * Day, Severity.Critical, noData: NoData.Resolve),
        // Of its readiness checks: the journal, the database, the cluster, the champion. Degraded is half.
        Below("node-unhealthy", "ralm_health{*}", 0.25, Severity.Critical, forSeconds: 60),
        Below("champion-missing", "ralm_health{check=\"champion\"}", 0.75, Severity.Warning, forSeconds: 60),
        Above("entities-unreadable", "ralm_unreadable_entities", 0, Severity.Critical, forSeconds: 30),
        Rate("journal-failing", "ralm_journal_failures_total", 0, Severity.Critical),
        Above(
            "journal-slow",
            "ralm_journal_write_duration_seconds{quantile=\"0.99\"}",
            3,
            Severity.Warning,
            forSeconds: 120,
            noData: NoData.Resolve
        ),
        OfLineages("lineage-diverged", "ralm_lineage_behind{*}", 0, Severity.Critical, forSeconds: 0),
        OfLineages("lineage-stopped", "ralm_lineage_trouble{*}", 0, Severity.Critical, forSeconds: 120),
        OfLineages("lineage-lagging", "ralm_lineage_lag{*}", 50, Severity.Warning, forSeconds: 300),
        OfLineages("lineage-drift", "ralm_lineage_drift{*}", 0, Severity.Warning, forSeconds: 0),
        OfLineages("split-check-blocked", "ralm_experiment_split_broken{*}", 0, Severity.Critical, forSeconds: 0),
    ];

    /// <summary>What earlier releases gave: nodes that still have them as they were given get the newest.</summary>
    public static readonly ImmutableArray<ImmutableArray<ThresholdRule>> Earlier =
    [
        [
            Above("node-cpu-high", "node_cpu_percent", 90, Severity.Warning, forSeconds: 300),
            Above("node-memory-high", "node_memory_used_percent", 90, Severity.Critical, forSeconds: 120),
            Above("node-disk-filling", "node_disk_used_percent", 85, Severity.Warning, forSeconds: 300),
            Above("node-disk-full", "node_disk_used_percent", 95, Severity.Critical),
            Above("samplings-lost", Heartbeat, 20, Severity.Warning),
        ],
        [
            Above("node-cpu-high", "node_cpu_percent", 90, Severity.Warning, forSeconds: 300),
            Above("node-memory-high", "node_memory_used_percent", 90, Severity.Critical, forSeconds: 120),
            Above("node-disk-filling", "node_disk_used_percent", 85, Severity.Warning, forSeconds: 300),
            Above("node-disk-full", "node_disk_used_percent", 95, Severity.Critical),
            Above("samplings-lost", Heartbeat, 20, Severity.Warning),
            Below("node-down", Heartbeat, 0, Severity.Critical, noData: NoData.Fire),
        ],
    ];

    /// <summary>Whether somebody has to be given the newest: there are no rules, or those of an earlier release, never changed.</summary>
    public static bool AreOutdated(IReadOnlyList<ThresholdRule> rules) =>
        rules.Count == 0 || Earlier.Any(earlier => earlier.SequenceEqual(rules));

    private static ThresholdRule Above(
        string id,
        string metric,
        double threshold,
        Severity severity,
        double forSeconds = 0,
        double? resolve = null,
        NoData noData = NoData.Unspecified
    )
    {
        var rule = new ThresholdRule
        {
            RuleId = id,
            Metric = metric,
            Comparison = Comparison.Above,
            Threshold = threshold,
            ForSeconds = forSeconds,
            Severity = severity,
            NoData = noData,
        };
        if (resolve is { } back)
        {
            rule.ResolveThreshold = back;
        }

        return rule;
    }

    private static ThresholdRule Below(
        string id,
        string metric,
        double threshold,
        Severity severity,
        double forSeconds = 0,
        NoData noData = NoData.Unspecified
    ) => new(Above(id, metric, threshold, severity, forSeconds, noData: noData)) { Comparison = Comparison.Below };

    private static ThresholdRule Rate(string id, string metric, double perSecond, Severity severity) =>
        new(Above(id, metric, perSecond, severity)) { Kind = RuleKind.Rate };

    private static ThresholdRule Ahead(
        string id,
        string metric,
        double threshold,
        Severity severity,
        double ahead,
        double forSeconds
    ) => new(Above(id, metric, threshold, severity, forSeconds)) { Kind = RuleKind.Forecast, AheadSeconds = ahead };

    /// <summary>A lineage that goes to another node is told of by that one.</summary>
    private static ThresholdRule OfLineages(
        string id,
        string metric,
        double threshold,
        Severity severity,
        double forSeconds
    ) => Above(id, metric, threshold, severity, forSeconds, noData: NoData.Resolve);
}
