using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain;

namespace RalmActors.Monitoring.Actors;

/// <summary>Puts together what there is to say about the last hours of a source.</summary>
/// <param name="collectors">The region.</param>
/// <param name="patience">For each answer.</param>
internal sealed class SourceReport(ICanTell collectors, TimeSpan patience, TimeProvider clock)
{
    private const double DefaultHours = 24;

    public async Task<IWireMessage> Of(GetMonitorReport asked)
    {
        if (ReportPlan.Check(asked) is { } wrong)
        {
            return new MonitorReportReply { SourceId = asked.SourceId, Rejection = wrong };
        }

        var hours = asked.HasHours ? asked.Hours : DefaultHours;
        var to = clock.GetUtcNow();
        var reply = new MonitorReportReply
        {
            SourceId = asked.SourceId,
            From = Timestamp.FromDateTimeOffset(to.AddHours(-hours)),
            To = Timestamp.FromDateTimeOffset(to),
            StepSeconds = ReportPlan.StepSeconds(hours),
        };
        switch (await Ask<AlertsReply>(new GetAlerts { SourceId = asked.SourceId }).ConfigureAwait(false))
        {
            case Answer<AlertsReply>.Given alerts:
                reply.Alerts = alerts.Reply;
                break;
            case Answer<AlertsReply>.NotFound none:
                return none.Missing;
            default:
                return new CommandReply { Outcome = CommandOutcome.Unavailable };
        }

        var names = await Names(asked.SourceId).ConfigureAwait(false);
        reply.SeriesLeftOut = Math.Max(0, names.Length - ReportPlan.MaxSeries);
        var series = await Series(reply, names.Take(ReportPlan.MaxSeries), reply.StepSeconds).ConfigureAwait(false);
        if (series is null)
        {
            return new CommandReply { Outcome = CommandOutcome.Unavailable };
        }

        reply.Series = series;
        // A series that misses a step says nothing about the source: the fullest one does.
        if (series.Series.MaxBy(s => s.Values.Count(v => !double.IsNaN(v))) is { } fullest)
        {
            var points = await Series(reply, [fullest.Metric], stepSeconds: 0).ConfigureAwait(false);
            reply.Gaps.Add(ReportPlan.Gaps([.. points?.UnixMs ?? []]));
        }

        return reply;
    }

    private async Task<string[]> Names(string sourceId) =>
        await Ask<MetricsReply>(new GetMetrics { SourceId = sourceId }).ConfigureAwait(false)
            is Answer<MetricsReply>.Given metrics
            ? [.. metrics.Reply.Metrics.Select(m => m.Name)]
            : [];

    private async Task<ManySeriesReply?> Series(
        MonitorReportReply report,
        IEnumerable<string> metrics,
        double stepSeconds
    )
    {
        var asked = new GetManySeries
        {
            SourceId = report.SourceId,
            Metrics = { metrics },
            From = report.From,
            To = report.To,
            StepSeconds = stepSeconds,
        };
        return await Ask<ManySeriesReply>(asked).ConfigureAwait(false) is Answer<ManySeriesReply>.Given given
            ? given.Reply
            : null;
    }

    private Task<Answer<T>> Ask<T>(IWireMessage query)
        where T : class, IWireMessage => collectors.AskFor<T>(query, patience);
}
