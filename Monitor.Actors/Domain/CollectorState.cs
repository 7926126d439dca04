using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Alerts;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

/// <summary>
/// The memory of one source: its series, rules, alerts and silences. Each sampling is one event, and the alerts it moves
/// are journaled with it: an acknowledged sampling survives like every other acknowledged command. Compression happens
/// here, in state and snapshot; the journal holds samplings until two snapshots do.
/// </summary>
public sealed partial record CollectorState(string SourceId) : IEntityState<CollectorState>
{
    public const int MaxPoints = SamplingRules.MaxPoints;
    public const int MaxMetrics = SamplingRules.MaxMetrics;

    /// <summary>The pace of a source that does not tell its own.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);

    public SeriesStore Series { get; private init; } = SeriesStore.Empty;

    public AlertBook Book { get; private init; } = AlertBook.Empty;

    /// <summary>Between two samplings, as the source tells it.</summary>
    public TimeSpan Interval { get; private init; } = DefaultInterval;

    /// <summary>When the newest sampling was heard, by the collector's clock; 0: not known.</summary>
    public long HeardMs { get; private init; }

    /// <summary>Whether anybody has ever said something to it.</summary>
    public bool IsKnown => !Series.Metrics.IsEmpty || !Rules.IsEmpty;

    public ImmutableArray<ThresholdRule> Rules => Book.Rules;

    /// <inheritdoc cref="AlertBook.Alerts"/>
    public ImmutableDictionary<string, Alert> Alerts => Book.Alerts;

    public static CollectorState Empty(string entityId) => new(entityId);

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            RecordMetrics sampled => SamplingRules.Check(sampled, Series, now) is { } rejection
                ? Decision.Refuse(rejection)
                : Record(sampled, now),
            SetRules set => ThresholdRules.Check(set.Rules) ?? Book.Replace(set, now),
            SilenceAlert silence => Book.Silence(silence, now),
            LiftSilence lift => Book.Lift(lift, now),
            AcknowledgeAlert taken => Book.Acknowledge(taken),
            TestNotifications => Book.Test(now),
            TellAlert => Decision.Invalid(
                "source_id",
                SourceId,
                "must not be asked to tell people: its node tells them"
            ),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CollectorState Apply(IEvent e) =>
        e switch
        {
            MetricsRecorded recorded => Apply(recorded),
            AlertChanged changed => this with { Book = Book.Apply(changed) },
            AlertSilenced silenced => this with { Book = Book.Apply(silenced) },
            SilenceLifted lifted => this with { Book = Book.Apply(lifted) },
            NoticeTold told => this with { Book = Book.Apply(told) },
            AlertAcknowledged taken => this with { Book = Book.Apply(taken) },
            NotificationsTested tested => this with { Book = Book.Apply(tested) },
            RulesSet set => this with { Book = Book.Apply(set) },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    /// <summary>
    /// What the clock alone does, from time to time: whatever has not been heard of for three intervals is silent, and silences of
    /// alerts run out.
    /// </summary>
    /// <param name="listeningSince">Nothing could be heard before.</param>
    /// <param name="repeatEvery">What fires and nobody has acknowledged is told again after so long; null: never.</param>
    public Decision Notice(DateTimeOffset now, DateTimeOffset listeningSince, TimeSpan? repeatEvery = null) =>
        new(Book.OnClock(now, rule => IsSilent(rule, now, listeningSince), repeatEvery));

    /// <summary>
    /// Nothing is left for the clock to do: every rule knows that its metric is silent, nothing runs out, and people know.
    /// </summary>
    /// <param name="repeats">Whether what fires is told again and again.</param>
    public bool IsAtRest(DateTimeOffset now, DateTimeOffset listeningSince, bool repeats = false) =>
        !(repeats && Alerts.Values.Any(a => a is { Status: AlertStatus.Firing, Told: true, AcknowledgedBy: "" }))
        && Book.Untold.All.IsEmpty
        && Book.Silences.IsEmpty
        && Rules.All(r => IsSilent(r, now, listeningSince))
        && Notice(now, listeningSince).Events.IsEmpty;

    public IEnumerable<OutgoingCommand> Outbox => OwedTo([""]);

    /// <summary>To each of the ways to people by itself: one that is away keeps no other waiting.</summary>
    /// <param name="channels">One that is empty is the only one.</param>
    public IEnumerable<OutgoingCommand> OwedTo(ImmutableArray<string> channels) =>
        Book.Untold.All.IsEmpty
            ? []
            :
            [
                .. from channel in channels
                from notice in Book.Untold.NextFor(channel)
                let id = $"{SourceId}/notice/{notice.NoticeNr}"
                select new OutgoingCommand(
                    new NoticeKey(notice.NoticeNr, channel, channels).ToString(),
                    typeof(NotifierKey),
                    () =>
                        new TellAlert
                        {
                            Header = new CommandHeader { CommandId = channel.Length == 0 ? id : $"{id}/{channel}" },
                            SourceId = SourceId,
                            Notice = notice,
                            Channel = channel,
                        }
                ),
            ];

    public Decision? Settle(Settlement settled) =>
        NoticeKey.Of(settled.Key) is { } key
        && Book.Untold.All.Find(n => n.NoticeNr == key.NoticeNr && !n.ToldBy.Contains(key.Channel)) is { } notice
            ? Decision.Accept(key.Told(notice))
            : null;

    private CollectorState Apply(MetricsRecorded recorded)
    {
        var heard = recorded.Header?.At?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0;
        return this with
        {
            HeardMs = heard,
            Interval = recorded.IntervalMs > 0 ? TimeSpan.FromMilliseconds(recorded.IntervalMs) : DefaultInterval,
            Series = Series
                .Introduce(recorded.Introduced, recorded.Places, recorded.UnixMs)
                .Append(recorded.UnixMs, recorded.Metrics, recorded.Values, heard),
        };
    }

    private Decision Record(RecordMetrics sampled, DateTimeOffset now)
    {
        var recorded = new MetricsRecorded
        {
            UnixMs = SamplingRules.UnixMs(sampled, Series, now),
            IntervalMs = sampled.HasIntervalSeconds ? (long)(sampled.IntervalSeconds * 1000) : 0,
        };
        var (taken, passedOver) = Take(sampled, recorded);
        if (taken.Count == 0)
        {
            return Decision.Refuse(
                Rejections.Overloaded(
                    "points",
                    sampled.Points.Count,
                    $"must be of the {MaxMetrics} metrics that a source has at most; names that are not used give their place back after 15 days"
                )
            );
        }

        return new Decision([recorded, .. OnSampling(taken, recorded)]) { PassedOver = [.. passedOver] };
    }

    /// <summary>Known names and, as long as there are places, new ones.</summary>
    private (Dictionary<string, double> Taken, List<string> PassedOver) Take(
        RecordMetrics sampled,
        MetricsRecorded recorded
    )
    {
        var taken = new Dictionary<string, double>(StringComparer.Ordinal);
        var passedOver = new List<string>();
        using var places = Series
            .Places(recorded.UnixMs, MaxMetrics)
            .Where(p => p >= Series.Metrics.Length || !sampled.Points.Any(s => s.Name == Series.Metrics[p]))
            .GetEnumerator();
        foreach (var point in sampled.Points)
        {
            var index = Series.IndexOf(point.Name);
            if (index < 0)
            {
                if (!places.MoveNext())
                {
                    passedOver.Add(point.Name);
                    continue;
                }

                index = places.Current;
                recorded.Introduced.Add(point.Name);
                recorded.Places.Add((uint)index);
            }

            taken[point.Name] = point.Value;
            recorded.Metrics.Add((uint)index);
            recorded.Values.Add(point.Value);
        }

        // The next places need not be named.
        if (recorded.Places.Index().All(p => p.Item == Series.Metrics.Length + p.Index))
        {
            recorded.Places.Clear();
        }

        return (taken, passedOver);
    }

    private IEnumerable<IEvent> OnSampling(Dictionary<string, double> values, MetricsRecorded recorded)
    {
        if (Rules.IsEmpty)
        {
            return [];
        }

        var interval = recorded.IntervalMs > 0 ? TimeSpan.FromMilliseconds(recorded.IntervalMs) : DefaultInterval;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(recorded.UnixMs);
        return Book.OnSampling(
            new RuleValues(values, at, Series.Points).Of,
            at,
            rule =>
                Newest(rule, track => track.SeenMs) is > 0 and var seen
                && recorded.UnixMs - seen > rule.SilentAfter(interval).TotalMilliseconds
        );
    }

    /// <summary>Of the metrics that the rule is about; 0: there are none.</summary>
    private long Newest(ThresholdRule rule, Func<MetricTrack, long> timeOf)
    {
        if (!MetricPattern.IsPattern(rule.Metric))
        {
            return Series.TrackOf(rule.Metric) is { } track ? timeOf(track) : 0;
        }

        var newest = 0L;
        for (var i = 0; i < Series.Metrics.Length; i++)
        {
            newest = MetricPattern.Fits(rule.Metric, Series.Metrics[i])
                ? Math.Max(newest, timeOf(Series.Tracks[i]))
                : newest;
        }

        return newest;
    }

    /// <summary>Times that are still to come are of a clock that was set back since: they say nothing.</summary>
    private bool IsSilent(ThresholdRule rule, DateTimeOffset now, DateTimeOffset listeningSince)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        long[] heard = [Newest(rule, track => track.HeardMs), Book.RulesSetMs, listeningSince.ToUnixTimeMilliseconds()];
        return nowMs - heard.Where(ms => ms <= nowMs).DefaultIfEmpty().Max()
            > rule.SilentAfter(Interval).TotalMilliseconds;
    }
}
