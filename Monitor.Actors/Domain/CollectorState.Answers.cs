using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Alerts;
using RalmActors.Monitoring.Domain.Reading;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

// What a collector can be asked, and its photograph.
public sealed partial record CollectorState
{
    public const int MaxPointsPerReply = SeriesAnswers.MaxPointsPerReply;

    /// <summary>
    /// How a question about series is answered from what the state holds and the store of chunks has; null: the question is
    /// another one, or nobody has ever heard of the source.
    /// </summary>
    public (SeriesReading? Reading, IWireMessage? Refusal)? Begin(IQuery query) =>
        query is GetSeries or GetManySeries && IsKnown ? SeriesAnswers.Begin(Series, query) : null;

    /// <summary>
    /// A source nobody has ever heard of is not found; its health is known all the same: it is silent. About series it says what the
    /// state alone holds.
    /// </summary>
    public IWireMessage Answer(IQuery query) =>
        query switch
        {
            GetHealth asked => Answer(asked),
            GetSeries or GetManySeries or GetMetrics or GetAlerts or GetSilences when !IsKnown => new NotFoundReply
            {
                Region = RegionNames.Collector,
                EntityId = SourceId,
            },
            GetSeries or GetManySeries when Begin(query) is { } begun => begun.Refusal ?? begun.Reading!.End(),
            GetMetrics => KnownMetrics.Of(SourceId, Series),
            GetAlerts => AnswerAlerts(),
            GetSilences => new SilencesReply { SourceId = SourceId, Silences = { Silences() } },
            _ => throw new NotSupportedException(query.GetType().Name),
        };

    public static CollectorState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var photo = (CollectorSnapshot)snapshot;
        return new CollectorState(entityId)
        {
            Series = SeriesStore.Restore(photo),
            Book = AlertBook.Restore(photo),
            Interval = photo.IntervalMs > 0 ? TimeSpan.FromMilliseconds(photo.IntervalMs) : DefaultInterval,
            HeardMs = photo.SourceHeardUnixMs,
        };
    }

    public IWireMessage ToSnapshot()
    {
        var photo = new CollectorSnapshot
        {
            IntervalMs = (long)Interval.TotalMilliseconds,
            SourceHeardUnixMs = HeardMs,
        };
        Series.PutInto(photo);
        Book.PutInto(photo);
        return photo;
    }

    private AlertsReply AnswerAlerts()
    {
        var reply = new AlertsReply
        {
            SourceId = SourceId,
            Alerts = { Alerts.Values.OrderBy(a => a.RuleId, StringComparer.Ordinal) },
            Rules = { Rules },
            LatestAt = LatestAt,
            Silences = { Silences() },
            Untold = { Book.Untold.All },
            Firings = { Book.Firings.All },
        };
        for (var i = 0; i < Series.Tracks.Length; i++)
        {
            if (!Sampling.IsAbsent(Series.Tracks[i].Latest))
            {
                reply.Latest.Add(new MetricPoint { Name = Series.Metrics[i], Value = Series.Tracks[i].Latest });
            }
        }

        return reply;
    }

    private IEnumerable<Silence> Silences() =>
        Book
            .Silences.Values.OrderBy(s => s.RuleId, StringComparer.Ordinal)
            .Select(s => new Silence
            {
                RuleId = s.RuleId,
                Until = s.Until,
                Reason = s.Reason,
                Author = s.Header?.Author ?? "",
                Since = s.Header?.At,
            });

    private HealthReply Answer(GetHealth asked)
    {
        var reply = new HealthReply
        {
            SourceId = SourceId,
            Firing = { Of(AlertStatus.Firing) },
            NoData = { Of(AlertStatus.NoData) },
            LatestAt = LatestAt,
        };
        // What fired when the numbers ended is not known to be well.
        var bad = reply.Firing.Concat(reply.NoData.Where(a => a.Before == AlertStatus.Firing)).ToArray();
        reply.Status = reply switch
        {
            _ when IsStale(asked) => HealthStatus.Stale,
            _ when Array.Exists(bad, a => a.Severity == Severity.Critical) => HealthStatus.Unhealthy,
            _ when Array.Exists(bad, a => a.Severity == Severity.Warning) => HealthStatus.Degraded,
            _ => HealthStatus.Healthy,
        };
        return reply;
    }

    private IEnumerable<Alert> Of(AlertStatus status) =>
        Alerts.Values.Where(a => a.Status == status).OrderBy(a => a.RuleId, StringComparer.Ordinal);

    private bool IsStale(GetHealth asked) =>
        LatestAt is null
        || (
            asked.At is not null
            && asked.StaleAfterSeconds > 0
            && (asked.At - LatestAt).ToTimeSpan().TotalSeconds > asked.StaleAfterSeconds
        );

    private Timestamp? LatestAt =>
        Series.LatestUnixMs == long.MinValue
            ? null
            : Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(Series.LatestUnixMs));
}
