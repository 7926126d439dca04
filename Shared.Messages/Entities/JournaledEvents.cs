using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;

namespace RalmActors.Messages.Entities;

/// <summary>All events of one entity, in order, up to now: read beside it, as fast as they are taken.</summary>
public static class JournaledEvents
{
    /// <param name="last">Sequence number of the last that is read.</param>
    public static Source<IEvent, NotUsed> Of(ActorSystem system, string persistenceId, long last = long.MaxValue) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(ReadJournals.Events)
            .CurrentEventsByPersistenceId(persistenceId, 0, last)
            .Select(e => (IEvent)e.Event);
}
