using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

// What a collector can be asked, and its photograph.
public sealed partial record CollectorState
{
    /// <summary>Points per reply, so that it stays below the 128 kB a remote message may have.</summary>
    public const int MaxPointsPerReply = 5000;

    public IWireMessage Answer(IQuery query) =>
        query switch
        {
            GetSeries asked => Answer(asked),
            GetAlerts => AnswerAlerts(),
            GetHealth asked => Answer(asked),
            _ => throw new NotSupportedException(query.GetType().Name),
        };

    public static CollectorState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var photo = (CollectorSnapshot)snapshot;
        return new CollectorState(entityId)
        {
            Series = SeriesStore.Restore(photo.Metrics, photo.Chunks, photo.Open, photo.Latest),
            Rules = [.. photo.Rules],
            Alerts = Empty(entityId).Alerts.AddRange(photo.Alerts.Select(a => KeyValuePair.Create(a.RuleId, a))),
            Silences = Empty(entityId).Silences.AddRange(photo.Silences.Select(s => KeyValuePair.Create(s.RuleId, s))),
        };
    }

    public IWireMessage ToSnapshot() =>
        new CollectorSnapshot
        {
            Metrics = { Series.Metrics },
            Chunks = { Series.Sealed },
            Open = ChunkCodec.Seal(Series.Open),
            Latest = { Series.Latest },
            Rules = { Rules },
            Alerts = { Alerts.Values.OrderBy(a => a.RuleId, StringComparer.Ordinal) },
            Silences = { Silences.Values.OrderBy(s => s.RuleId, StringComparer.Ordinal) },
        };

    private SeriesReply Answer(GetSeries asked)
    {
        var from = asked.From?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? long.MinValue;
        var to = asked.To?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? long.MaxValue;
        var points = Series.Points(asked.Metric, from, to);
        if (asked.StepSeconds > 0)
        {
            points = points.MeanPerStep((long)Math.Clamp(asked.StepSeconds * 1000, 1, SeriesStore.RetentionMs));
        }

        var reply = new SeriesReply { SourceId = SourceId, Metric = asked.Metric };
        foreach (var point in points)
        {
            if (reply.Values.Count == MaxPointsPerReply)
            {
                reply.NextFromUnixMs = point.UnixMs;
                break;
            }

            reply.UnixMs.Add(point.UnixMs);
            reply.Values.Add(point.Value);
        }

        return reply;
    }

    private AlertsReply AnswerAlerts()
    {
        var reply = new AlertsReply
        {
            SourceId = SourceId,
            Alerts = { Alerts.Values.OrderBy(a => a.RuleId, StringComparer.Ordinal) },
            Rules = { Rules },
            LatestAt = LatestAt,
        };
        for (var i = 0; i < Series.Latest.Length; i++)
        {
            if (!Sampling.IsAbsent(Series.Latest[i]))
            {
                reply.Latest.Add(new MetricPoint { Name = Series.Metrics[i], Value = Series.Latest[i] });
            }
        }

        return reply;
    }

    private HealthReply Answer(GetHealth asked)
    {
        var firing = Alerts
            .Values.Where(a => a.Status == AlertStatus.Firing)
            .OrderBy(a => a.RuleId, StringComparer.Ordinal);
        var reply = new HealthReply
        {
            SourceId = SourceId,
            Firing = { firing },
            LatestAt = LatestAt,
        };
        reply.Status = reply switch
        {
            _ when IsStale(asked) => HealthStatus.Stale,
            _ when reply.Firing.Any(a => a.Severity == Severity.Critical) => HealthStatus.Unhealthy,
            _ when reply.Firing.Any(a => a.Severity == Severity.Warning) => HealthStatus.Degraded,
            _ => HealthStatus.Healthy,
        };
        return reply;
    }

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
