using System.Diagnostics;
using Microsoft.Data.Sqlite;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// The database goes away, or somebody else holds it, while senders write. Nothing that was acknowledged is lost or doubled,
/// nobody waits for ever, and no entity is taken for unreadable because nobody could be read.
/// </summary>
public sealed class DatabaseGoneSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Entities = Seeds.IsLong ? 200 : 80;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-gone-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_database_that_is_gone_for_a_while_costs_waiting_only()
    {
        await using var postgres = new PostgresServer { IsOurs = true };
        var settings = new PersistenceSettings(PersistenceSettings.Postgres, await postgres.NewDatabase());
        await using var host = new HostProcess(
            _folder,
            new Dictionary<string, string>
            {
                ["RALM__PERSISTENCE__PROVIDER"] = settings.Provider,
                ["RALM__PERSISTENCE__CONNECTION_STRING"] = settings.ConnectionString,
            }
        );
        await Write(
            host,
            settings,
            async () =>
            {
                await postgres.Pause();
                await Task.Delay(TimeSpan.FromSeconds(Seeds.IsLong ? 60 : 8));
                await postgres.Resume();
            }
        );
    }

    [Fact]
    public async Task A_sqlite_file_that_another_process_holds_costs_waiting_only()
    {
        var file = Path.Combine(_folder, "ralm.db");
        await using var host = new HostProcess(_folder);
        await Write(
            host,
            PersistenceSettings.OnSqlite(file),
            async () =>
            {
                await using var other = new SqliteConnection($"Data Source={file};Default Timeout=60;Pooling=False");
                await other.OpenAsync();
                await using var hold = other.CreateCommand();
                hold.CommandText = "BEGIN EXCLUSIVE";
                await hold.ExecuteNonQueryAsync();
                await Task.Delay(TimeSpan.FromSeconds(Seeds.IsLong ? 20 : 5));
                hold.CommandText = "ROLLBACK";
                await hold.ExecuteNonQueryAsync();
            }
        );
        SqliteConnection.ClearAllPools();
    }

    private async Task Write(HostProcess host, PersistenceSettings settings, Func<Task> outage)
    {
        await host.Start();
        var load = new RestLoad([host], Entities, senders: 8);
        load.Start();
        await load.Advance(Entities);
        await outage();
        var back = Stopwatch.StartNew();
        await load.Advance(1);
        var first = back.Elapsed;
        // Each entity has been asked since: none stays behind.
        await load.Advance(2 * Entities);
        await load.Stop();
        await host.Stop();
        await host.Start();
        var line = await load.Compare(SqlDatabase.Of(settings), host, "gone and back");
        output.WriteLine($"{line}; the first answer {first.TotalSeconds:F1} s after it was back");
    }
}
