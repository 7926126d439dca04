using System.Collections.Immutable;
using System.Data.Common;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Journal.Dao;
using Akka.Serialization;
using Microsoft.Data.Sqlite;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The journal of Akka.Persistence.Sql with another hand: tables, queries and deletion are its own, events are written by the
/// file's <see cref="SqliteWriter"/> and replayed row by row, without a stream between the file and the entity.
/// </summary>
public sealed class SqliteWriteJournal : SqlWriteJournal
{
    private readonly ByteArrayJournalSerializer _serializer;
    private readonly JournalTables _tables;
    private readonly SqliteWriter _writer;
    private readonly SqlDatabase _database;
    private readonly Serialization _serialization;

    public SqliteWriteJournal(Config config)
        : base(config)
    {
        var settings = new JournalConfig(config.WithFallback(SqlPersistence.DefaultJournalConfiguration));
        _serializer = new ByteArrayJournalSerializer(
            settings,
            Context.System.Serialization,
            settings.PluginConfig.TagSeparator,
            Guid.NewGuid().ToString("N")
        );
        _tables = new JournalTables(settings.TableConfig.EventJournalTable.Name, settings.TableConfig.TagTable.Name);
        var file = SqliteWriters.Of(Context.System);
        (_writer, _database) = (file.Writer, file.Database);
        _serialization = Context.System.Serialization;
    }

    /// <summary>An event that cannot be serialised is rejected alone; the others of the batch are written.</summary>
    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages,
        CancellationToken cancellationToken
    )
    {
        var tried = _serializer.Serialize(messages, TimeProvider.System.GetUtcNow().Ticks);
        await _writer.Add(_tables, [.. tried.Where(t => t.IsSuccess).SelectMany(t => t.Get())]);
        // One result each, or none at all: all are written.
        return tried.TrueForAll(t => t.IsSuccess)
            ? null!
            : tried.Select(t => t.IsSuccess ? null! : t.Failure.Value).ToImmutableList();
    }

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    ) =>
        // The driver knows no waiting that is not on a thread; this one is not the journal's own.
        Task.Run(() =>
        {
            try
            {
                using var connection = _database.Connect();
                connection.Open();
                using var select = connection.CreateCommand();
                select.CommandText = _tables.SelectEvents;
                select.Parameters.Add(new SqliteParameter("$id", persistenceId));
                select.Parameters.Add(new SqliteParameter("$from", fromSequenceNr));
                select.Parameters.Add(new SqliteParameter("$to", toSequenceNr));
                select.Parameters.Add(new SqliteParameter("$max", max));
                using var rows = select.ExecuteReader();
                while (rows.Read())
                {
                    recoveryCallback(Read(persistenceId, rows));
                }
            }
            catch (Exception e)
            {
                _database.Note(e);
                throw;
            }
        });

    private Persistent Read(string persistenceId, DbDataReader row)
    {
        var manifest = row.IsDBNull(2) ? "" : row.GetString(2);
        var payload = _serialization.Deserialize(row.GetFieldValue<byte[]>(1), row.GetInt32(3), manifest);
        var writer = row.IsDBNull(4) ? "" : row.GetString(4);
        return new Persistent(payload, row.GetInt64(0), persistenceId, manifest, false, null, writer, row.GetInt64(5));
    }

    /// <summary>An entity that was stopped while it wrote comes back behind its own events.</summary>
    public override async Task<long> ReadHighestSequenceNrAsync(
        string persistenceId,
        long fromSequenceNr,
        CancellationToken cancellationToken
    )
    {
        await _writer.Settled();
        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken);
    }
}
