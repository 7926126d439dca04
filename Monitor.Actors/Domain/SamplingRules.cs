using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

/// <summary>What a sampling must be to be taken, and the time under which it is kept.</summary>
public static class SamplingRules
{
    public const int MaxPoints = 1000;
    public const int MaxMetrics = 2000;

    /// <summary>Clocks differ; what comes from further ahead is a mistake.</summary>
    private const int MaxSecondsAhead = 60;

    private const double MaxInterval = 86_400;

    /// <summary>The first broken rule, or <c>null</c>.</summary>
    public static Rejection? Check(RecordMetrics sampled, SeriesStore series, DateTimeOffset now)
    {
        if (sampled.At is null)
        {
            return Rejections.Invalid("at", "", "must be the time of the sampling");
        }

        if (Timestamps.CheckPast("at", sampled.At, now) is { } wrong)
        {
            return wrong;
        }

        var at = sampled.At.ToDateTimeOffset();
        if (at > now.AddSeconds(MaxSecondsAhead))
        {
            return Rejections.Invalid(
                "at",
                Timestamps.Text(sampled.At),
                $"must be at most {MaxSecondsAhead} seconds ahead of the collector's clock, which says {now:O}"
            );
        }

        // Behind a newest one that is ahead itself there is nothing to be late for: the clock was set back.
        if (at.ToUnixTimeMilliseconds() <= series.LatestUnixMs && series.LatestUnixMs <= now.ToUnixTimeMilliseconds())
        {
            return Rejections.Conflict("at", at.ToString("O"), "must be later than the newest sampling of the source");
        }

        return sampled.HasIntervalSeconds && sampled.IntervalSeconds is not (>= 1 and <= MaxInterval)
            ? Rejections.Invalid("interval_seconds", sampled.IntervalSeconds, "must be 1 to 86400 seconds")
            : CheckPoints(sampled, series);
    }

    /// <summary>
    /// Its own, unless that is still to come: a sampling from ahead is one of now, so that the true ones that follow are later.
    /// </summary>
    public static long UnixMs(RecordMetrics sampled, SeriesStore series, DateTimeOffset now)
    {
        var (at, nowMs) = (sampled.At.ToDateTimeOffset().ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds());
        return at <= nowMs ? at
            : series.LatestUnixMs == nowMs ? nowMs + 1
            : nowMs;
    }

    private static Rejection? CheckPoints(RecordMetrics sampled, SeriesStore series)
    {
        if (sampled.Points.Count is 0 or > MaxPoints)
        {
            return Rejections.Invalid("points", sampled.Points.Count, $"must be 1 to {MaxPoints} points");
        }

        var seen = new HashSet<string>(sampled.Points.Count, StringComparer.Ordinal);
        for (var i = 0; i < sampled.Points.Count; i++)
        {
            var name = sampled.Points[i].Name;
            if (series.IndexOf(name) < 0 && !MetricNames.IsValid(name))
            {
                return Rejections.Invalid($"points[{i}].name", name, MetricNames.Rule);
            }

            if (!sampled.Points[i].HasValue)
            {
                return Rejections.Invalid($"points[{i}].value", "", "must be set");
            }

            if (!seen.Add(name))
            {
                return Rejections.Invalid($"points[{i}].name", name, "must occur once in a sampling");
            }
        }

        return null;
    }
}
