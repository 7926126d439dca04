namespace RalmActors.Messages.Entities;

/// <summary>An entity met a snapshot of another form and restarts to replay its journal.</summary>
public sealed class StaleSnapshotException(string persistenceId)
    : Exception($"{persistenceId}: the snapshot has another form; starting again from the journal");
