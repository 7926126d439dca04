using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;

namespace RalmActors.Messages.Entities;

/// <summary>One event of one entity of a region, as lists over all of them read it.</summary>
/// <param name="SequenceNr">Of the entity's journal.</param>
/// <param name="Offset">Of the whole journal: where a list stands that has absorbed it.</param>
public sealed record FollowedEvent(string EntityId, IEvent Event, long SequenceNr, long Offset);

/// <summary>
/// The one reader of what <see cref="IFollowedEvent"/> tags: lists over all entities of a region keep nothing of their own and
/// absorb these. One may come twice; its sequence number tells.
/// </summary>
public static class FollowedEvents
{
    /// <summary>Read again each time: of writers that run at once, one may commit late under a lower number.</summary>
    private const long Overlap = 10_000;

    /// <summary>What is there now, and the end.</summary>
    /// <param name="offset">Where the list stands.</param>
    public static Source<FollowedEvent, NotUsed> Since(ActorSystem system, string region, long offset) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentEventsByTagQuery>(ReadJournals.Events)
            .CurrentEventsByTag(region, Offset.Sequence(Math.Max(0, offset - Overlap)))
            .Select(e => Of(region, e));

    /// <summary>All of it, and whatever comes.</summary>
    public static Source<FollowedEvent, NotUsed> All(ActorSystem system, string region) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<IEventsByTagQuery>(ReadJournals.Events)
            .EventsByTag(region, Offset.NoOffset())
            .Select(e => Of(region, e));

    private static FollowedEvent Of(string region, EventEnvelope e) =>
        new(e.PersistenceId[(region.Length + 1)..], (IEvent)e.Event, e.SequenceNr, ((Sequence)e.Offset).Value);
}
