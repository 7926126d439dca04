namespace RalmActors.ClusterHost.Persistence;

/// <summary>Where a journal's events and their tags go.</summary>
public sealed record JournalTables(string Journal, string Tags)
{
    internal string InsertEvent { get; } =
        $"INSERT INTO [{Journal}] ([created], [deleted], [persistence_id], [sequence_number], [message], [manifest], "
        + "[identifier], [writer_uuid]) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    internal string SelectEvents { get; } =
        "SELECT [sequence_number], [message], [manifest], [identifier], [writer_uuid], [created] "
        + $"FROM [{Journal}] WHERE [persistence_id] = $id AND [sequence_number] BETWEEN $from AND $to AND [deleted] = 0 "
        + "ORDER BY [sequence_number] LIMIT $max";

    internal string InsertTag { get; } =
        $"INSERT INTO [{Tags}] ([ordering_id], [tag], [sequence_nr], [persistence_id]) VALUES (?, ?, ?, ?)";
}
