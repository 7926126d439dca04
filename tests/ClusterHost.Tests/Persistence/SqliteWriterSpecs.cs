using System.Collections.Immutable;
using Akka.Persistence.Sql.Journal.Types;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>What is acknowledged is on the disk, and what cannot be written fails alone.</summary>
public sealed class SqliteWriterSpecs : IAsyncLifetime
{
    private static readonly JournalTables Tables = new("journal", "tags");

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-writer-").FullName;
    private SqliteWriter _writer = null!;

    private string File => Path.Combine(_folder, "ralm.db");

    public async ValueTask InitializeAsync()
    {
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(File));
        await database.Prepare(TestContext.Current.CancellationToken);
        await Execute(
            """
            CREATE TABLE journal (ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL,
                deleted Bit NOT NULL, persistence_id NVarChar(255) NOT NULL, sequence_number INTEGER NOT NULL,
                message VarBinary NOT NULL, manifest NVarChar(500), identifier INTEGER, writer_uuid NVarChar(128));
            CREATE UNIQUE INDEX journal_uq ON journal (persistence_id, sequence_number);
            CREATE TABLE tags (ordering_id INTEGER NOT NULL, tag NVarChar(64) NOT NULL, sequence_nr INTEGER NOT NULL,
                persistence_id NVarChar(255) NOT NULL, PRIMARY KEY (ordering_id, tag));
            """
        );
        _writer = new SqliteWriter(database);
    }

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task All_columns_are_written_and_tags_find_their_event()
    {
        await _writer.Add(
            Tables,
            [
                Row("a-1", 1),
                new JournalRow
                {
                    PersistenceId = "a-1",
                    SequenceNumber = 2,
                    Timestamp = 77,
                    Message = [1, 2, 3],
                    Manifest = "m",
                    Identifier = 4,
                    WriterUuid = "w",
                    TagArray = ["blue", "green"],
                },
            ]
        );

        Assert.Equal(
            ["a-1|2|77|010203|m|4|w|0"],
            await Read(
                "SELECT persistence_id||'|'||sequence_number||'|'||created||'|'||hex(message)||'|'||manifest||'|'||identifier"
                    + "||'|'||writer_uuid||'|'||deleted FROM journal WHERE sequence_number = 2"
            )
        );
        Assert.Equal(
            ["a-1|2|blue", "a-1|2|green"],
            await Read(
                "SELECT j.persistence_id||'|'||t.sequence_nr||'|'||t.tag FROM tags t JOIN journal j "
                    + "ON j.ordering = t.ordering_id AND j.sequence_number = t.sequence_nr ORDER BY t.tag"
            )
        );
    }

    [Fact]
    public async Task Whatever_arrives_at_once_is_all_there_in_the_order_of_each_entity()
    {
        var writes = Enumerable.Range(0, 5_000).Select(k => _writer.Add(Tables, [Row($"a-{k % 50}", 1 + (k / 50))]));

        await Task.WhenAll(writes.ToArray());

        Assert.Equal(["5000"], await Read("SELECT COUNT(*) FROM journal"));
        Assert.Equal(
            ["0"],
            await Read(
                "SELECT COUNT(*) FROM journal a JOIN journal b ON a.persistence_id = b.persistence_id "
                    + "AND a.sequence_number < b.sequence_number AND a.ordering > b.ordering"
            )
        );
    }

    [Fact]
    public async Task An_entity_with_a_second_writer_fails_alone()
    {
        await _writer.Add(Tables, [Row("twice", 1)]);
        var writes = Enumerable
            .Range(0, 200)
            .Select(k => k == 100 ? _writer.Add(Tables, [Row("twice", 1)]) : _writer.Add(Tables, [Row($"a-{k}", 1)]))
            .ToArray();

        var error = await Assert.ThrowsAsync<SqliteException>(() => writes[100]);

        Assert.Equal(19, error.SqliteErrorCode);
        await Task.WhenAll(writes.Where((_, k) => k != 100));
        Assert.Equal(["200"], await Read("SELECT COUNT(*) FROM journal"));
    }

    [Fact]
    public async Task Events_of_one_command_are_all_there_or_none()
    {
        await _writer.Add(Tables, [Row("a", 2)]);

        await Assert.ThrowsAsync<SqliteException>(() => _writer.Add(Tables, [Row("a", 1), Row("a", 2)]));

        Assert.Equal(["2"], await Read("SELECT sequence_number FROM journal"));
    }

    [Fact]
    public async Task Whoever_waits_for_those_before_waits_for_all_of_them()
    {
        var writes = Enumerable.Range(1, 500).Select(k => _writer.Add(Tables, [Row("a", k)])).ToArray();

        await _writer.Settled();

        Assert.All(writes, w => Assert.True(w.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task What_waits_at_the_end_is_written_and_nothing_is_taken_after_it()
    {
        var last = Enumerable.Range(1, 500).Select(k => _writer.Add(Tables, [Row("a", k)])).ToArray();
        _writer.Dispose();

        await Task.WhenAll(last);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _writer.Add(Tables, [Row("b", 1)]));
        Assert.Equal(["500"], await Read("SELECT COUNT(*) FROM journal"));
    }

    [Fact]
    public async Task A_disk_that_stands_still_makes_no_queue_without_end()
    {
        await using var connection = await Open();
        await using var held = connection.BeginTransaction(deferred: false);
        ImmutableArray<JournalRow> thousand = [.. Enumerable.Range(1, 1_000).Select(k => Row("a", k))];

        var writes = Enumerable.Range(0, 120).Select(_ => _writer.Add(Tables, thousand)).ToArray();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => writes[^1]);
        Assert.Contains("wait for the disk", refused.Message, StringComparison.Ordinal);
        await held.RollbackAsync(TestContext.Current.CancellationToken);
        await writes[0];
    }

    /// <summary>The log is cut at every byte of its last groups, as where the power goes: a whole group is there, or none of it.</summary>
    [Fact]
    public async Task A_log_that_is_cut_anywhere_keeps_whole_groups_in_their_order()
    {
        for (var k = 1; k <= 8; k++)
        {
            await _writer.Add(Tables, [Row("a", (2 * k) - 1), Row("a", 2 * k)]);
        }

        // As a kill leaves it: neither checkpointed nor closed.
        var (database, log) = (await Copy(File), await Copy(File + "-wal"));
        var cut = Path.Combine(_folder, "cut.db");
        var seen = new SortedSet<long>();
        // Every byte takes a minute: one in 509 meets each kind of place in a frame.
        var step = Seeds.IsLong ? 1 : 509;
        for (var length = log.Length; length > 0; length -= step)
        {
            await System.IO.File.WriteAllBytesAsync(cut, database, TestContext.Current.CancellationToken);
            await System.IO.File.WriteAllBytesAsync(cut + "-wal", log[..length], TestContext.Current.CancellationToken);
            await using var connection = new SqliteConnection($"Data Source={cut};Pooling=false");
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            var (events, highest) = await Counted(connection);
            Assert.Equal(events, highest);
            Assert.Equal(0, events % 2);
            seen.Add(events);
            await connection.DisposeAsync();
            System.IO.File.Delete(cut + "-shm");
        }

        Assert.Contains(16L, seen);
        Assert.Contains(14L, seen);
    }

    private static async Task<(long Events, long Highest)> Counted(SqliteConnection connection)
    {
        try
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*), COALESCE(MAX(sequence_number), 0) FROM journal";
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            return (reader.GetInt64(0), reader.GetInt64(1));
        }
        catch (SqliteException e) when (e.Message.Contains("no such table", StringComparison.Ordinal))
        {
            // Cut before the tables were made.
            return (0, 0);
        }
    }

    private static async Task<byte[]> Copy(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static JournalRow Row(string persistenceId, long sequenceNr) =>
        new()
        {
            PersistenceId = persistenceId,
            SequenceNumber = sequenceNr,
            Message = new byte[300],
            Manifest = "m",
        };

    private async Task<SqliteConnection> Open()
    {
        var connection = new SqliteConnection($"Data Source={File}");
        await connection.OpenAsync();
        return connection;
    }

    private async Task Execute(string sql)
    {
        await using var connection = await Open();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<string>> Read(string sql)
    {
        await using var connection = await Open();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var rows = await command.ExecuteReaderAsync();
        List<string> read = [];
        while (await rows.ReadAsync())
        {
            read.Add(rows.GetValue(0).ToString()!);
        }

        return read;
    }
}
