using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>All events of one entity, in order, up to now: read beside it, as fast as they are taken.</summary>
public static class JournaledEvents
{
    /// <param name="last">Sequence number of the last that is read.</param>
    /// <returns>It fails with a <see cref="MissingEventException"/> where one is missing.</returns>
    public static Source<IEvent, NotUsed> Of(ActorSystem system, string persistenceId, long last = long.MaxValue) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(ReadJournals.Events)
            .CurrentEventsByPersistenceId(persistenceId, 0, last)
            .StatefulSelectMany<EventEnvelope, IEvent, NotUsed>(() =>
            {
                var before = 0L;
                return e =>
                {
                    MissingEventException.ThrowUnlessNext(persistenceId, before, e.SequenceNr);
                    before = e.SequenceNr;
                    return EventGroup.EventsOf((IWireMessage)e.Event);
                };
            });
}
