using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The prepared statements of a connection. They are bound and stepped without the objects that a command makes for each
/// execution.
/// </summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private readonly sqlite3 _database = connection.Handle!;
    private readonly Dictionary<string, sqlite3_stmt> _prepared = new(StringComparer.Ordinal);

    public long LastRowId => raw.sqlite3_last_insert_rowid(_database);

    /// <param name="sql">With a question mark for each of the values.</param>
    /// <param name="values">Text, bytes, whole numbers, or null.</param>
    /// <exception cref="SqliteException">The database refuses it.</exception>
    public void Run(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        if (!_prepared.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v2(_database, sql, out statement));
            _prepared.Add(sql, statement);
        }

        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i].Bind(statement, i + 1));
        }

        var result = raw.sqlite3_step(statement);
        _ = raw.sqlite3_reset(statement);
        Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
    }

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
