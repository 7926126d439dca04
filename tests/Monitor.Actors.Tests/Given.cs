using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Tests;

/// <summary>Commands of one source, node:a.</summary>
internal static class Given
{
    public const string Source = "node:a";

    public static readonly DateTimeOffset T0 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static RecordMetrics Sampling(string id, DateTimeOffset at, params (string Name, double Value)[] points) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            SourceId = Source,
            At = Timestamp.FromDateTimeOffset(at),
            Points = { points.Select(p => new MetricPoint { Name = p.Name, Value = p.Value }) },
        };

    public static SetRules Rules(string id, params ThresholdRule[] rules) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            SourceId = Source,
            Rules = { rules },
        };

    public static SilenceAlert Silence(string id, string ruleId, DateTimeOffset until) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            SourceId = Source,
            RuleId = ruleId,
            Until = Timestamp.FromDateTimeOffset(until),
            Reason = "planned work",
        };

    public static ThresholdRule Rule(string id = "cpu-high", double forSeconds = 60, double threshold = 90) =>
        new()
        {
            RuleId = id,
            Metric = "cpu",
            Comparison = Comparison.Above,
            Threshold = threshold,
            ForSeconds = forSeconds,
            Severity = Severity.Critical,
        };
}
