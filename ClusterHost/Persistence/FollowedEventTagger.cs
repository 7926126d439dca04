using Akka.Persistence.Journal;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>Gives the events that read models follow their tag, in the journal only: nobody else sees it.</summary>
public sealed class FollowedEventTagger : IWriteEventAdapter
{
    public string Manifest(object evt) => string.Empty;

    public object ToJournal(object evt) => evt is IFollowedEvent followed ? new Tagged(evt, [followed.Tag]) : evt;
}
