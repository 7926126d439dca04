using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace RalmActors.Messages.Entities;

/// <summary>Every entity that has ever journaled anything.</summary>
public static class JournaledIds
{
    public static async Task<IReadOnlyCollection<string>> Of(ActorSystem system) =>
        await PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentPersistenceIdsQuery>(ReadJournals.Events)
            .CurrentPersistenceIds()
            .RunWith(Sink.Seq<string>(), system.Materializer());
}
