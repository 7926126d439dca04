using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace RalmActors.Messages.Entities;

/// <summary>Every entity that has ever journaled anything.</summary>
public static class JournaledIds
{
    /// <param name="prefix">Of those that are meant: the others are passed over one by one.</param>
    public static async Task<IReadOnlyCollection<string>> Of(ActorSystem system, string prefix = "") =>
        await PersistenceQuery
            .Get(system)
            .ReadJournalFor<ICurrentPersistenceIdsQuery>(ReadJournals.Events)
            .CurrentPersistenceIds()
            .Where(id => id.StartsWith(prefix, StringComparison.Ordinal))
            .RunWith(Sink.Seq<string>(), system.Materializer());
}
