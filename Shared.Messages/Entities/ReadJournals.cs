namespace RalmActors.Messages.Entities;

/// <summary>Where journals are read beside their entities.</summary>
public static class ReadJournals
{
    /// <summary>Plugin id of the entities' own journal.</summary>
    public const string Events = "akka.persistence.query.journal.sql";
}
