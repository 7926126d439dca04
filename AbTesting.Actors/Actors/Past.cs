using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>A test as it was: its journal up to an event, applied once more.</summary>
internal static class Past
{
    public static Task<TestState> Of(ActorSystem system, string persistenceId, string testId, long sequenceNr) =>
        PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(ReadJournals.Events)
            .CurrentEventsByPersistenceId(persistenceId, 0, sequenceNr)
            .RunAggregate(
                TestState.Empty(testId),
                (test, envelope) => test.Apply((IEvent)envelope.Event),
                system.Materializer()
            );
}
