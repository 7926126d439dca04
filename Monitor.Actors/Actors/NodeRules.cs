using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Actors;

/// <summary>What any node should be told of before its operator has said anything.</summary>
public static class NodeRules
{
    /// <summary>In every sampling of a probe.</summary>
    private const string Heartbeat = "monitor_samplings_waiting";

    public static readonly ImmutableArray<ThresholdRule> Default =
    [
        Above("node-cpu-high", "node_cpu_percent", 90, forSeconds: 300, Severity.Warning),
        Above("node-memory-high", "node_memory_used_percent", 90, forSeconds: 120, Severity.Critical),
        Above("node-disk-filling", "node_disk_used_percent", 85, forSeconds: 300, Severity.Warning),
        Above("node-disk-full", "node_disk_used_percent", 95, forSeconds: 0, Severity.Critical),
        Above("samplings-lost", Heartbeat, 20, forSeconds: 0, Severity.Warning),
        // Never below zero: it fires when the node has said nothing for three intervals.
        new()
        {
            RuleId = "node-down",
            Metric = Heartbeat,
            Comparison = Comparison.Below,
            Threshold = 0,
            Severity = Severity.Critical,
            NoData = NoData.Fire,
        },
    ];

    private static ThresholdRule Above(
        string id,
        string metric,
        double threshold,
        double forSeconds,
        Severity severity
    ) =>
        new()
        {
            RuleId = id,
            Metric = metric,
            Comparison = Comparison.Above,
            Threshold = threshold,
            ForSeconds = forSeconds,
            Severity = severity,
        };
}
