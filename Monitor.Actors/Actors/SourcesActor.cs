using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;

namespace RalmActors.Monitoring.Actors;

/// <summary>Asks many collectors at once, and knows which there are. It keeps nothing.</summary>
/// <param name="collectors">The region.</param>
/// <param name="ids">Persistence ids of all collectors that have ever journaled anything.</param>
/// <param name="patience">For each collector's answer.</param>
public sealed class SourcesActor(
    ICanTell collectors,
    Func<Task<IReadOnlyCollection<string>>> ids,
    TimeSpan patience,
    TimeProvider clock
) : UntypedActor
{
    public const int MaxSources = 20;

    public const string Prefix = $"{RegionNames.Collector}-";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case GetSeriesOfSources asked:
                _ = Answer(asked).PipeTo(Sender, Self, failure: _ => Unavailable);
                break;
            case GetMonitorReport asked:
                _ = new SourceReport(collectors, patience, clock)
                    .Of(asked)
                    .PipeTo(Sender, Self, failure: _ => Unavailable);
                break;
            case ListSources:
                _ = List().PipeTo(Sender, Self, failure: _ => Unavailable);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static CommandReply Unavailable => new() { Outcome = CommandOutcome.Unavailable };

    private async Task<IWireMessage> List() =>
        new SourcesReply
        {
            Sources =
            {
                (await ids().ConfigureAwait(false)).Select(id => id[Prefix.Length..]).Order(StringComparer.Ordinal),
            },
        };

    private async Task<IWireMessage> Answer(GetSeriesOfSources asked)
    {
        var reply = new SeriesOfSourcesReply { Rejection = Check(asked) };
        if (reply.Rejection is not null)
        {
            return reply;
        }

        var answers = await Task.WhenAll(
                asked.Sources.Select(source => collectors.AskFor<ManySeriesReply>(Of(asked, source), patience))
            )
            .ConfigureAwait(false);
        foreach (var (source, answer) in asked.Sources.Zip(answers))
        {
            switch (answer)
            {
                case Answer<ManySeriesReply>.Given given:
                    reply.Sources.Add(given.Reply);
                    break;
                case Answer<ManySeriesReply>.Refused { Rejection.Code: RejectionCode.NotFound } none:
                    reply.Sources.Add(new ManySeriesReply { SourceId = source, Rejection = none.Rejection });
                    break;
                case Answer<ManySeriesReply>.Refused refused:
                    return new SeriesOfSourcesReply { Rejection = refused.Rejection };
                default:
                    reply.Missing.Add(source);
                    break;
            }
        }

        return reply;
    }

    private static Rejection? Check(GetSeriesOfSources asked) =>
        Limits.Must(
            asked.Sources.Count is > 0 and <= MaxSources,
            "sources",
            asked.Sources.Count,
            $"must be 1 to {MaxSources} sources"
        ) ?? asked.Sources.Select(source => Ids.Check("sources", source)).FirstOrDefault(wrong => wrong is not null);

    private static GetManySeries Of(GetSeriesOfSources asked, string source)
    {
        var one = new GetManySeries
        {
            SourceId = source,
            Metrics = { asked.Metrics },
            From = asked.From,
            To = asked.To,
            StepSeconds = asked.StepSeconds,
            Function = asked.Function,
        };
        if (asked.HasQuantile)
        {
            one.Quantile = asked.Quantile;
        }

        if (asked.HasOffsetSeconds)
        {
            one.OffsetSeconds = asked.OffsetSeconds;
        }

        return one;
    }
}
