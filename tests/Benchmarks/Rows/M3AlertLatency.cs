using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Notifying;

namespace RalmActors.Benchmarks.Rows;

/// <summary>From a sampling that breaks a rule, as it is sent, until people are told: decided, journaled, and told by the outbox.</summary>
public sealed class M3AlertLatency : IFigures
{
    private const int Alerts = 300;
    private const int Warm = 20;
    private const string Source = "app:alerts";

    private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);

    public string Id => "M3";

    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    public async Task<string> Run(CancellationToken ct)
    {
        await using var node = await SourceNode.Start(ct);
        var told = Channel.CreateUnbounded<AlertNotification>();
        var ear = node.System.ActorOf(Props.Create(() => new Ear(told.Writer)));
        node.System.EventStream.Subscribe(ear, typeof(AlertNotification));
        var collector = node.Collector(Source);
        await collector.Ask<CommandReply>(Rules(), ct);
        var start = TimeProvider.System.GetUtcNow().AddHours(-12);
        var took = new List<double>();
        for (var i = 0; i < 2 * (Warm + Alerts); i++)
        {
            var clock = Stopwatch.GetTimestamp();
            var fires = i % 2 == 0;
            MetricPoint[] points = [new() { Name = "v", Value = fires ? 2 : 0 }];
            var accepted = SourceNode.Tell(collector, Source, start.AddSeconds(i), points, ct);
            await told.Reader.ReadAsync(ct);
            if (fires && i >= 2 * Warm)
            {
                took.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }

            await accepted;
        }

        took.Sort();
        _numbers["mean_ms"] = took.Average();
        _numbers["p99_ms"] = took[(int)(took.Count * 0.99)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Alerts} alerts, SQLite: mean {took.Average():F2} ms after the sampling was sent, p99 {took[(int)(took.Count * 0.99)]:F2} ms (must 100). A peer that scrapes and evaluates each second is at half a second at best."
        );
    }

    private static SetRules Rules() =>
        new()
        {
            Header = new CommandHeader { CommandId = "rules" },
            SourceId = Source,
            Rules =
            {
                new ThresholdRule
                {
                    RuleId = "high",
                    Metric = "v",
                    Comparison = Comparison.Above,
                    Threshold = 1,
                    Severity = Severity.Warning,
                },
            },
        };

    private sealed class Ear : ReceiveActor
    {
        public Ear(ChannelWriter<AlertNotification> told) => Receive<AlertNotification>(n => told.TryWrite(n));
    }
}
