using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;

namespace RalmActors.ClusterHost.RuleTests;

/// <summary>Plays the series of a file to the collector's own state, clock and all, and compares.</summary>
public sealed record RuleTestRun(int Tests, int Expectations, ImmutableArray<string> Differences)
{
    /// <summary>Between two looks of the collector at its clock.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public bool IsAsExpected => Differences.IsEmpty;

    public static RuleTestRun Of(RuleTestFile file) =>
        new(
            file.Tests.Length,
            file.Tests.Sum(t => t.Expected.Length),
            [.. file.Tests.SelectMany(test => Play(file, test))]
        );

    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString() =>
        string.Join(
            '\n',
            [
                .. Differences,
                IsAsExpected
                    ? $"{Tests} tests, {Expectations} times: all as expected"
                    : $"{Tests} tests, {Expectations} times: {Differences.Length} not as expected",
            ]
        );

    private static IEnumerable<string> Play(RuleTestFile file, RuleTest test)
    {
        var core = new EntityCore<CollectorState>("test");
        Take(
            core,
            new SetRules
            {
                Header = new CommandHeader { CommandId = "rules" },
                SourceId = "test",
                Rules = { file.Rules },
            },
            Start
        );
        var (samplings, looks) = (0, 1);
        foreach (var expected in test.Expected.OrderBy(e => e.At))
        {
            while (
                Math.Min(samplings * file.Interval.TotalSeconds, looks * Look.TotalSeconds) <= expected.At.TotalSeconds
            )
            {
                if (samplings * file.Interval <= looks * Look)
                {
                    Tell(core, test, samplings, file.Interval);
                    samplings++;
                }
                else
                {
                    Apply(core, core.State.Notice(Start + (looks * Look), Start));
                    looks++;
                }
            }

            foreach (var difference in Compare(core.State, test, expected))
            {
                yield return difference;
            }
        }
    }

    private static void Tell(EntityCore<CollectorState> core, RuleTest test, int sampling, TimeSpan interval)
    {
        var at = Start + (sampling * interval);
        var recorded = new RecordMetrics
        {
            Header = new CommandHeader { CommandId = $"s-{sampling}" },
            SourceId = "test",
            At = Timestamp.FromDateTimeOffset(at),
            IntervalSeconds = interval.TotalSeconds,
        };
        foreach (var (metric, values) in test.Series)
        {
            if (sampling < values.Count && values[sampling] is { } value)
            {
                recorded.Points.Add(new MetricPoint { Name = metric, Value = value });
            }
        }

        if (recorded.Points.Count > 0)
        {
            Take(core, recorded, at);
        }
    }

    private static void Take(EntityCore<CollectorState> core, ICommand command, DateTimeOffset now)
    {
        var decision = core.Decide(command, now);
        if (decision.Rejection is { } bad)
        {
            throw new FormatException($"{bad.Field} '{bad.Value}' {bad.Rule}");
        }

        Apply(core, decision);
    }

    private static void Apply(EntityCore<CollectorState> core, Decision decision)
    {
        foreach (var e in decision.Events)
        {
            core.Apply(e);
        }
    }

    private static IEnumerable<string> Compare(CollectorState state, RuleTest test, Expectation expected)
    {
        foreach (var (status, rules) in expected.Rules.OrderBy(r => r.Key))
        {
            var alerts = state.Alerts.Values.Where(a => a.Status == status).ToDictionary(a => a.RuleId);
            var where = $"{test.Name}, {Time(expected.At)}";
            foreach (var missing in rules.Except(alerts.Keys))
            {
                var found = state.Alerts.GetValueOrDefault(missing);
                yield return $"{where}: {missing} should be {Word(status)}, and is {Said(found)}";
            }

            foreach (var more in alerts.Keys.Except(rules, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                yield return $"{where}: {more} should not be {Word(status)}, and is {Said(alerts[more])}";
            }
        }
    }

    private static string Said(Alert? alert) =>
        alert is null
            ? "inactive"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Word(alert.Status)} (value {alert.Value}, since {Time(alert.Since.ToDateTimeOffset() - Start)})"
            );

    private static string Word(AlertStatus status) =>
        status == AlertStatus.NoData ? "no_data" : status.ToString().ToLowerInvariant();

    private static string Time(TimeSpan at) => string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds} s");
}
