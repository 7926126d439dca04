using Akka.Persistence.Sql.Journal.Types;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>The prepared statements that write an event of a journal, with its tags.</summary>
internal sealed class InsertStatements : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _event;
    private readonly SqliteCommand _tag;

    public InsertStatements(SqliteConnection connection, JournalTables tables)
    {
        _connection = connection;
        _event = Prepared(
            tables.Journal,
            "created",
            "deleted",
            "persistence_id",
            "sequence_number",
            "message",
            "manifest",
            "identifier",
            "writer_uuid"
        );
        _tag = Prepared(tables.Tags, "ordering_id", "tag", "sequence_nr", "persistence_id");
    }

    public void Insert(JournalRow row, SqliteTransaction transaction)
    {
        Run(
            _event,
            transaction,
            row.Timestamp,
            row.Deleted,
            row.PersistenceId,
            row.SequenceNumber,
            row.Message,
            row.Manifest,
            (object?)row.Identifier ?? DBNull.Value,
            (object?)row.WriterUuid ?? DBNull.Value
        );
        if (row.TagArray.Length == 0)
        {
            return;
        }

        var ordering = raw.sqlite3_last_insert_rowid(_connection.Handle);
        foreach (var tag in row.TagArray)
        {
            Run(_tag, transaction, ordering, tag, row.SequenceNumber, row.PersistenceId);
        }
    }

    public void Dispose()
    {
        _event.Dispose();
        _tag.Dispose();
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepared(string table, params string[] columns)
    {
        var command = _connection.CreateCommand();
        var names = string.Join(", ", columns.Select(c => $"[{c}]"));
        command.CommandText =
            $"INSERT INTO [{table}] ({names}) VALUES ({string.Join(", ", columns.Select(c => $"${c}"))})";
        foreach (var column in columns)
        {
            command.Parameters.Add(new SqliteParameter($"${column}", null));
        }

        return command;
    }
}
