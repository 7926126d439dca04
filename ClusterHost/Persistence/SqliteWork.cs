using System.Collections.Immutable;
using Akka.Persistence.Sql.Journal.Types;
using Akka.Persistence.Sql.Snapshot;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>What the writer of a file does for one caller, within the transaction of a group.</summary>
internal abstract class SqliteWork
{
    /// <summary>Ends when it is on the disk.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>About, for the size of a group.</summary>
    public abstract int Rows { get; }

    public abstract long Bytes { get; }

    public abstract void Run(SqliteStatements statements);
}

/// <summary>Nothing is written: somebody waits for what was there before.</summary>
internal sealed class NoWork : SqliteWork
{
    public override int Rows => 0;

    public override long Bytes => 0;

    public override void Run(SqliteStatements statements) { }
}

/// <summary>Events of one entity, with their tags.</summary>
internal sealed class JournalWork(JournalTables tables, ImmutableArray<JournalRow> rows) : SqliteWork
{
    public override int Rows => rows.Length;

    public override long Bytes => rows.Sum(r => (long)r.Message.Length);

    public override void Run(SqliteStatements statements)
    {
        foreach (var row in rows)
        {
            statements.Run(
                tables.InsertEvent,
                row.Timestamp,
                row.Deleted ? 1 : 0,
                row.PersistenceId,
                row.SequenceNumber,
                row.Message,
                row.Manifest,
                row.Identifier,
                row.WriterUuid
            );
            if (row.TagArray.Length == 0)
            {
                continue;
            }

            var ordering = statements.LastRowId;
            foreach (var tag in row.TagArray)
            {
                statements.Run(tables.InsertTag, ordering, tag, row.SequenceNumber, row.PersistenceId);
            }
        }
    }
}

/// <summary>A snapshot, in the place of one of the same sequence number.</summary>
internal sealed class SnapshotWork(string table, LongSnapshotRow row) : SqliteWork
{
    private const int PageBytes = 4096;

    /// <summary>As many as it has pages: large ones that wait for the disk must not fill the memory.</summary>
    public override int Rows => 1 + (row.Payload.Length / PageBytes);

    public override long Bytes => row.Payload.Length;

    public override void Run(SqliteStatements statements) =>
        statements.Run(
            $"INSERT OR REPLACE INTO [{table}] "
                + "([persistence_id], [sequence_number], [created], [snapshot], [manifest], [serializer_id]) "
                + "VALUES (?, ?, ?, ?, ?, ?)",
            row.PersistenceId,
            row.SequenceNumber,
            row.Created,
            row.Payload,
            row.Manifest,
            row.SerializerId
        );
}

/// <summary>Older snapshots of one entity go.</summary>
internal sealed class SnapshotDeletion(string table, string persistenceId, long upTo) : SqliteWork
{
    public override int Rows => 1;

    public override long Bytes => 0;

    public override void Run(SqliteStatements statements) =>
        statements.Run(
            $"DELETE FROM [{table}] WHERE [persistence_id] = ? AND [sequence_number] <= ?",
            persistenceId,
            upTo
        );
}
