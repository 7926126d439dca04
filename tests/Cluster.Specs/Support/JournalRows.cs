using RalmActors.ClusterHost.Persistence;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>An event as it lies in the journal.</summary>
/// <param name="Cause">The command that was accepted.</param>
internal sealed record JournalRow(string PersistenceId, string Type, string Cause);

/// <summary>The journal, read past the product.</summary>
internal static class JournalRows
{
    public static async Task<List<JournalRow>> Read(SqlDatabase database)
    {
        await using var connection = database.Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT persistence_id, manifest, message FROM journal ORDER BY ordering";
        await using var rows = await command.ExecuteReaderAsync();
        List<JournalRow> read = [];
        while (await rows.ReadAsync())
        {
            var message = WireTypes.Parse(rows.GetString(1), rows.GetFieldValue<byte[]>(2));
            var persistenceId = rows.GetString(0);
            read.AddRange(
                EventGroup
                    .EventsOf(message)
                    .Select(e => new JournalRow(persistenceId, e.Descriptor.Name, e.Header.CausationId))
            );
        }

        return read;
    }
}
