using System.Collections.Concurrent;
using Akka.Hosting;
using Microsoft.Data.Sqlite;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>What outlives a node: a journal file, and the artefacts its trainer has written.</summary>
public sealed class Disk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-online-").FullName;

    public Disk()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL";
        command.ExecuteNonQuery();
    }

    /// <summary>Weights (here a digest) by artefact hash.</summary>
    public ConcurrentDictionary<string, byte[]> Artifacts { get; } = new(StringComparer.Ordinal);

    private string ConnectionString => $"Data Source={Path.Combine(_folder, "journal.db")};Default Timeout=30";

    public void Configure(AkkaConfigurationBuilder akka) =>
        akka.AddHocon(
            $$"""
            akka.persistence.journal {
              plugin = akka.persistence.journal.sql
              sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", provider-name = "SQLite.MS", connection-string = "{{ConnectionString}}", parallelism = 1 }
            }
            akka.persistence.snapshot-store {
              plugin = akka.persistence.snapshot-store.sql
              sql { class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql", provider-name = "SQLite.MS", connection-string = "{{ConnectionString}}" }
            }
            {{ReadJournals.Events}} { class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql", provider-name = "SQLite.MS", connection-string = "{{ConnectionString}}" }
            """,
            HoconAddMode.Prepend
        );

    /// <summary>The events of one entity, in order, straight from the file.</summary>
    public IReadOnlyList<IEvent> Journal(string persistenceId) =>
        [.. Rows(persistenceId).SelectMany(row => EventGroup.EventsOf(row))];

    /// <summary>The rows of its journal: events, or groups of them.</summary>
    public IReadOnlyList<IWireMessage> Rows(string persistenceId)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT manifest, message FROM journal WHERE persistence_id = $id ORDER BY sequence_number";
        command.Parameters.AddWithValue("$id", persistenceId);
        using var rows = command.ExecuteReader();
        var read = new List<IWireMessage>();
        while (rows.Read())
        {
            read.Add(WireTypes.Parse(rows.GetString(0), (byte[])rows.GetValue(1)));
        }

        return read;
    }

    public IReadOnlyList<BatchAccepted> Batches(string lineageId) =>
        [.. Journal($"lineage-{lineageId}").OfType<BatchAccepted>()];

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }
}
