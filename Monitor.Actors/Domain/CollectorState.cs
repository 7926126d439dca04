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
/// here; the journal holds samplings until two snapshots do, and a snapshot holds sealed chunks until the store of chunks does.
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
            ChunksStored stored => this with { Series = Series.Stored(stored.ThroughNr) },
            RulesSet set => this with { Book = Book.Apply(set) },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    /// <summary>
    /// What the clock alone does, from time to time: whatever has not been heard of for three intervals is silent, and silences of
    /// alerts run out.
    /// </summary>
    /// <param name="listeningSince">Nothing could be heard before.</param>
    public Decision Notice(DateTimeOffset now, DateTimeOffset listeningSince) =>
        new(Book.OnClock(now, rule => IsSilent(rule, now, listeningSince)));

    /// <summary>
    /// Nothing is left for the clock to do: every rule knows that its metric is silent, nothing runs out, and people know.
    /// </summary>
    public bool IsAtRest(DateTimeOffset now, DateTimeOffset listeningSince) =>
        Book.Untold.All.IsEmpty
        && Book.Silences.IsEmpty
        && Rules.All(r => IsSilent(r, now, listeningSince))
        && Notice(now, listeningSince).Events.IsEmpty;

    public IEnumerable<OutgoingCommand> Outbox =>
        Book.Untold.All.IsEmpty
            ? []
            :
            [
                .. Book.Untold.Next.Select(notice => new OutgoingCommand(
                    KeyOf(notice.NoticeNr),
                    typeof(NotifierKey),
                    () =>
                        new TellAlert
                        {
                            Header = new CommandHeader { CommandId = $"{SourceId}/notice/{notice.NoticeNr}" },
                            SourceId = SourceId,
                            Notice = notice,
                        }
                )),
            ];

    public Decision? Settle(Settlement settled) =>
        Book.Untold.Next.FirstOrDefault(n => KeyOf(n.NoticeNr) == settled.Key) is { } notice
            ? Decision.Accept(new NoticeTold { NoticeNr = notice.NoticeNr })
            : null;

    private static string KeyOf(long noticeNr) => $"notice {noticeNr}";

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
        return Book.OnSampling(
            values,
            DateTimeOffset.FromUnixTimeMilliseconds(recorded.UnixMs),
            rule =>
                Series.TrackOf(rule.Metric) is { SeenMs: > 0 and var seen }
                && recorded.UnixMs - seen > rule.SilentAfter(interval).TotalMilliseconds
        );
    }

    /// <summary>Times that are still to come are of a clock that was set back since: they say nothing.</summary>
    private bool IsSilent(ThresholdRule rule, DateTimeOffset now, DateTimeOffset listeningSince)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        long[] heard =
        [
            Series.TrackOf(rule.Metric)?.HeardMs ?? 0,
            Book.RulesSetMs,
            listeningSince.ToUnixTimeMilliseconds(),
        ];
        return nowMs - heard.Where(ms => ms <= nowMs).DefaultIfEmpty().Max()
            > rule.SilentAfter(Interval).TotalMilliseconds;
    }
}
