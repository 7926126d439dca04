using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Journal.Dao;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The journal of Akka.Persistence.Sql with another hand: tables, replay, queries and deletion are its own, events are
/// written by the file's <see cref="SqliteWriter"/>.
/// </summary>
public sealed class SqliteWriteJournal : SqlWriteJournal
{
    private readonly ByteArrayJournalSerializer _serializer;
    private readonly JournalTables _tables;
    private readonly SqliteWriter _writer;

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
        _writer = SqliteWriters.Of(Context.System).Writer;
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
