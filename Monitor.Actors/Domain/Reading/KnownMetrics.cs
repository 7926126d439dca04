using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>The metrics a source has told of: names, newest values, and when they were last seen.</summary>
internal static class KnownMetrics
{
    public static MetricsReply Of(string sourceId, SeriesStore series) =>
        new()
        {
            SourceId = sourceId,
            Metrics =
            {
                series
                    .Metrics.Zip(series.Tracks)
                    .OrderBy(m => m.First, StringComparer.Ordinal)
                    .Select(m => new KnownMetric
                    {
                        Name = m.First,
                        Latest = Sampling.IsAbsent(m.Second.Latest) ? double.NaN : m.Second.Latest,
                        SeenAt =
                            m.Second.SeenMs == 0
                                ? null
                                : Timestamp.FromDateTimeOffset(
                                    DateTimeOffset.FromUnixTimeMilliseconds(m.Second.SeenMs)
                                ),
                    }),
            },
        };
}
