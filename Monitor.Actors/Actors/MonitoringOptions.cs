using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Alerts;
using RalmActors.Monitoring.Meters;
using RalmActors.Monitoring.Notifying;

namespace RalmActors.Monitoring.Actors;

/// <summary>How this node looks at itself, and how collectors keep what they are told.</summary>
public sealed record MonitoringOptions
{
    /// <summary>
    /// What the source <c>node:{NodeName}</c> is called: default the machine's name. Two nodes on one machine need
    /// different names. Stays the same over restarts, or the series breaks off.
    /// </summary>
    public string NodeName { get; init; } = Environment.MachineName;

    /// <summary>Time between samplings: 1 s to 1 h; default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A path on the disk whose space is watched: default the working folder.</summary>
    public string DataPath { get; init; } = Environment.CurrentDirectory;

    /// <summary>Whether this node looks at itself: default true.</summary>
    public bool ProbeNode { get; init; } = true;

    /// <summary>Given to the node's collector when it has no rules; empty: none.</summary>
    public ImmutableArray<ThresholdRule> DefaultRules { get; init; } = NodeRules.Default;

    /// <summary>Wait for a collector's answer before the sampling is sent again: 100 ms to 10 min; default 10 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Samplings kept while no collector answers: 1 to 100,000; default 240, two hours at 30 s.</summary>
    public int MaxWaitingSamplings { get; init; } = 240;

    /// <summary>The same on every node, for the life of the data: default 60.</summary>
    public int ShardCount { get; init; } = 60;

    /// <summary>What the process measures of itself; null: a reader of the node's own.</summary>
    public MeterReader? Meters { get; init; }

    public CollectorOptions Collector { get; init; } = new();

    /// <summary>Where alerts are told outside of the cluster: default nowhere.</summary>
    public WebhookOptions Webhook { get; init; } = new();

    /// <summary>Further ways to people; made once on each node. Default none.</summary>
    public ImmutableArray<Func<INotifyChannel>> Channels { get; init; } = [];

    public string SourceId => $"node:{NodeName}";

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public MonitoringOptions Checked()
    {
        _ = Collector.Checked();
        _ = Webhook.Checked();
        if (!Ids.IsValid(SourceId) || SourceId.Length > Ids.MaxLength - 40)
        {
            throw Wrong(nameof(NodeName), NodeName, $"{Ids.Rule}, and at most 83 of them");
        }

        return ThresholdRules.Check(DefaultRules)?.Rejection is { } bad
            ? throw Wrong(nameof(DefaultRules), bad.Value, $"{bad.Field} {bad.Rule}")
            : this.Within(Interval, 1, 3_600)
                .Within(RetryAfter, 0.1, 600)
                .Within(MaxWaitingSamplings, 1, 100_000)
                .Within(ShardCount, 1, 100_000);
    }

    private static ArgumentOutOfRangeException Wrong(string name, object value, string rule) => new(name, value, rule);
}
