using Akka.Actor;
using Akka.Event;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Hosting;
using RalmActors.Monitoring.Probes;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// Looks at its node at a steady pace and hands each sampling to its collector, at least once and in order: the next sampling
/// leaves when the one before is answered. Samplings the collector cannot take now wait here, the oldest dropped first.
/// </summary>
public sealed class ProbeActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan BelievedAhead = TimeSpan.FromSeconds(30);

    private readonly string _sourceId;
    private readonly IProbe _probe;
    private readonly ICanTell _collectors;
    private readonly MonitoringOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<RecordMetrics> _waiting = new();
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;
    private long _dropped;
    private bool _hasRules;

    public ProbeActor(
        string sourceId,
        Func<IProbe> probe,
        ICanTell collectors,
        MonitoringOptions options,
        TimeProvider clock
    )
    {
        _sourceId = sourceId;
        _probe = probe();
        _collectors = collectors;
        _options = options;
        _clock = clock;

        Receive<Tick>(tick => tick.Do());
        Receive<CommandReply>(OnReply);
        Receive<AlertsReply>(OnAlerts);
        // Nobody has told the collector of this node yet: it has no rules either.
        Receive<NotFoundReply>(_ => OnAlerts(new AlertsReply()));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.Every(nameof(TakeSampling), _options.Interval, TakeSampling, first: TimeSpan.Zero);

    protected override void PostStop() => _probe.Dispose();

    private void TakeSampling()
    {
        // A clock set back a little must not turn the samplings around; after a large jump it is the newer time that is believed,
        // or the collector would refuse all of them until the clock has caught up.
        var now = _clock.GetUtcNow();
        _lookedAt = now > _lookedAt || _lookedAt - now > BelievedAhead ? now : _lookedAt.AddMilliseconds(1);
        var sampling = new RecordMetrics
        {
            Header = new CommandHeader
            {
                CommandId = $"{_sourceId}/sampling/{_lookedAt.ToUnixTimeMilliseconds()}",
                SentAt = Timestamp.FromDateTimeOffset(now),
            },
            SourceId = _sourceId,
            At = Timestamp.FromDateTimeOffset(_lookedAt),
            IntervalSeconds = _options.Interval.TotalSeconds,
        };
        _probe.Sample(sampling.Points);
        sampling.Points.AddValue("monitor_samplings_waiting", _waiting.Count);
        sampling.Points.AddValue("monitor_samplings_dropped", _dropped);

        AskForRules();
        _waiting.Enqueue(sampling);
        if (_waiting.Count == 1)
        {
            SendOldest();
        }
        else if (_waiting.Count > _options.MaxWaitingSamplings)
        {
            _waiting.Dequeue();
            _dropped++;
        }
    }

    private void SendOldest()
    {
        if (_waiting.TryPeek(out var oldest))
        {
            _collectors.Tell(oldest, Self);
            Timers.After(nameof(SendOldest), _options.RetryAfter, SendOldest);
        }
    }

    private void OnReply(CommandReply reply)
    {
        if (reply.Outcome == CommandOutcome.Rejected)
        {
            _log.Warning("{0}: {1} refused: {2}", _sourceId, reply.CommandId, reply.Rejection);
        }

        // An answer to a sampling that was dropped or repeated meanwhile, or to the rules, moves nothing.
        if (
            reply.Outcome != CommandOutcome.Unavailable
            && _waiting.TryPeek(out var oldest)
            && oldest.Header.CommandId == reply.CommandId
        )
        {
            _waiting.Dequeue();
            Timers.Cancel(nameof(SendOldest));
            SendOldest();
        }
    }

    private void AskForRules()
    {
        if (!_hasRules && !_options.DefaultRules.IsEmpty)
        {
            _collectors.Tell(new GetAlerts { SourceId = _sourceId }, Self);
        }
    }

    /// <summary>
    /// A source without rules gets the default ones, and so does one that has those of an earlier release as they were; rules
    /// somebody set are left alone. Asked at each sampling until the collector says that it has them.
    /// </summary>
    private void OnAlerts(AlertsReply alerts)
    {
        _hasRules = !NodeRules.AreOutdated(alerts.Rules);
        if (!_hasRules)
        {
            _collectors.Tell(
                new SetRules
                {
                    Header = new CommandHeader
                    {
                        CommandId = $"{_sourceId}/default-rules/{_clock.GetUtcNow().ToUnixTimeMilliseconds()}",
                    },
                    SourceId = _sourceId,
                    Rules = { _options.DefaultRules },
                },
                Self
            );
        }
    }
}
