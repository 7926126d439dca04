using Microsoft.Data.Sqlite;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// Moves what the write-ahead log holds into the database, on a connection of its own: a passive checkpoint takes no lock that
/// a writer needs.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    /// <summary>What SQLite itself would wait for: a thousand pages.</summary>
    private const long Every = 4 << 20;

    private const long PageBytes = 4096;

    /// <summary>That a transaction writes besides the rows' own: the table's and its indexes' last ones.</summary>
    private const int CommonPages = 6;

    private readonly SqlDatabase _database;
    private readonly SemaphoreSlim _due = new(0);
    private readonly Thread _thread;
    private long _bytes;
    private volatile bool _ended;

    public SqliteCheckpoints(SqlDatabase database)
    {
        _database = database;
        _thread = new Thread(Run) { Name = "sqlite-checkpoints", IsBackground = true };
        _thread.Start();
    }

    /// <summary>A group has been committed: the log has grown by whole pages, about one a row for the index by entity.</summary>
    /// <param name="bytes">Of the events.</param>
    public void Wrote(long bytes, int rows)
    {
        var grown = bytes + (PageBytes * (CommonPages + rows));
        if (Interlocked.Add(ref _bytes, grown) >= Every && Interlocked.Exchange(ref _bytes, 0) > 0)
        {
            _due.Release();
        }
    }

    public void Dispose()
    {
        _ended = true;
        _due.Release();
        _thread.Join();
        _due.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _due.Wait();
            if (_ended)
            {
                return;
            }

            try
            {
                using var connection = (SqliteConnection)_database.ConnectApart();
                connection.Open();
                using var checkpoint = connection.CreateCommand();
                checkpoint.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
                checkpoint.ExecuteNonQuery();
            }
            catch (SqliteException e)
            {
                // The log grows meanwhile; the next group asks again.
                _database.Note(e);
            }
        }
    }
}
