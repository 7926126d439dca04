using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;
using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>All events of one entity, in order, up to now: read beside it, as fast as they are taken.</summary>
internal static class JournaledEvents
{
    public static Source<IEvent, NotUsed> Of(ActorSystem system, string persistenceId) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(ReadJournals.Events)
            .CurrentEventsByPersistenceId(persistenceId, 0, long.MaxValue)
            .Select(e => (IEvent)e.Event);
}
