using System.Collections.Immutable;
using Akka.Persistence.Sql.Journal.Types;
using Microsoft.Data.Sqlite;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The one writer of a SQLite file's journals and snapshots. SQLite takes one writer at a time and synchronises the disk once a
/// transaction, so one thread takes whatever has arrived, of any journal or snapshot store, into one transaction: a lone event waits for
/// nobody, and under load a group shares its synchronisation. What is acknowledged is on the disk (WAL,
/// <c>synchronous=FULL</c>).
/// </summary>
public sealed class SqliteWriter : IDisposable
{
    /// <summary>More than a disk that stands still may make wait; beyond it writes fail at once, and are sent again.</summary>
    public const int MaxWaiting = 50_000;

    /// <summary>A transaction that takes longer than its synchronisation makes the next group wait for no gain.</summary>
    private const int MaxGroup = 2_000;

    private const int ConstraintViolated = 19;

    private readonly object _gate = new();
    private readonly SqlDatabase _database;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly Thread _thread;
    private SqliteConnection? _connection;
    private SqliteStatements? _statements;
    private List<SqliteWork> _waiting = [];
    private int _rows;
    private bool _ended;

    public SqliteWriter(SqlDatabase database)
    {
        _database = database;
        _checkpoints = new SqliteCheckpoints(database);
        _thread = new Thread(Run) { Name = "sqlite-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Rows that wait for the writer now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _rows;
            }
        }
    }

    /// <summary>Ends when all of the rows are on the disk, or none is.</summary>
    /// <exception cref="SqliteException">The database refuses them; the others of the group are not meant.</exception>
    /// <exception cref="InvalidOperationException">Too many wait already.</exception>
    public Task Add(JournalTables tables, ImmutableArray<JournalRow> rows) => Add(new JournalWork(tables, rows));

    /// <summary>Ends when everything that was added before is on the disk, or has failed.</summary>
    public Task Settled() => Add(new NoWork());

    /// <summary>Writes what waits, and lets go of the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _checkpoints.Dispose();
    }

    /// <inheritdoc cref="Add(JournalTables, ImmutableArray{JournalRow})"/>
    internal Task Add(SqliteWork write)
    {
        lock (_gate)
        {
            if (_ended || _rows + write.Rows > MaxWaiting)
            {
                return Task.FromException(
                    new InvalidOperationException(
                        _ended ? "the node ends" : $"{MaxWaiting:N0} events wait for the disk already"
                    )
                );
            }

            _rows += write.Rows;
            _waiting.Add(write);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }

        return write.Done.Task;
    }

    private void Run()
    {
        List<SqliteWork> group = [];
        while (Take(ref group))
        {
            var from = 0;
            while (from < group.Count)
            {
                var (to, rows) = (from, 0);
                while (to < group.Count && (to == from || rows + group[to].Rows <= MaxGroup))
                {
                    rows += group[to++].Rows;
                }

                Commit(group[from..to], rows);
                from = to;
            }

            group.Clear();
        }

        Close();
    }

    /// <summary>All that waits; false at the end.</summary>
    private bool Take(ref List<SqliteWork> group)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_ended)
            {
                Monitor.Wait(_gate);
            }

            (group, _waiting) = (_waiting, group);
            _rows = 0;
            return group.Count > 0;
        }
    }

    private void Commit(List<SqliteWork> group, int rows)
    {
        try
        {
            if (rows > 0)
            {
                Insert(group);
                _checkpoints.Wrote(group.Sum(w => w.Bytes), rows);
            }

            foreach (var write in group)
            {
                write.Done.TrySetResult();
            }
        }
        catch (SqliteException e) when (e.SqliteErrorCode == ConstraintViolated && group.Count > 1)
        {
            // Another writer of one entity: it alone fails.
            foreach (var write in group)
            {
                Commit([write], write.Rows);
            }
        }
        catch (Exception e)
        {
            _database.Note(e);
            foreach (var write in group)
            {
                write.Done.TrySetException(e);
            }

            // The next group finds out by a new connection whether the file can be written.
            Close();
        }
    }

    private void Insert(List<SqliteWork> group)
    {
        var connection = _connection ??= Open();
        var statements = _statements ??= new SqliteStatements(connection);
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var write in group)
        {
            write.Run(statements);
        }

        transaction.Commit();
    }

    private SqliteConnection Open()
    {
        var connection = (SqliteConnection)_database.ConnectApart();
        connection.Open();
        SqliteWaiting.Set(connection);
        using var settings = connection.CreateCommand();
        // Checkpoints are made beside the writer, never under its lock.
        settings.CommandText = "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0";
        settings.ExecuteNonQuery();
        return connection;
    }

    private void Close()
    {
        _statements?.Dispose();
        _statements = null;
        _connection?.Dispose();
        _connection = null;
    }
}
