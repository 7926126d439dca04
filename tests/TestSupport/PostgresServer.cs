using Npgsql;

namespace RalmActors.TestSupport;

/// <summary>
/// A PostgreSQL for specs: the one of RALM_TEST_POSTGRES (a connection string), else one of our own on a free loopback
/// port, started at first use. Each spec takes a database of its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string HowToGet =
        "no PostgreSQL: apt-get install postgresql, brew install postgresql, or name a server in RALM_TEST_POSTGRES";

    private static readonly string[] Installations = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

    private readonly SemaphoreSlim _starting = new(1);
    private LocalServer? _server;
    private (string[] Command, string Folder) _own;
    private string? _admin;
    private int _databases;

    /// <summary>Every commit reaches the disk: for benchmarks. Specs need only the behaviour.</summary>
    public bool Durable { get; init; }

    /// <summary>A server of its own, whatever RALM_TEST_POSTGRES says: for specs that stop it.</summary>
    public bool IsOurs { get; init; }

    /// <summary>A PostgreSQL as it comes has 100.</summary>
    public int MaxConnections { get; init; } = 300;

    /// <summary>A new, empty database of a role that owns it and may do nothing else; its connection string.</summary>
    public async Task<string> NewDatabase(string owner)
    {
        var text = new NpgsqlConnectionStringBuilder(await NewDatabase());
        await using var source = NpgsqlDataSource.Create(await Admin());
        await using var command = source.CreateCommand(
            $"""
            DO $$ BEGIN CREATE ROLE {owner} LOGIN PASSWORD '{owner}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            ALTER DATABASE {text.Database} OWNER TO {owner};
            """
        );
        await command.ExecuteNonQueryAsync();
        return $"Host={text.Host};Port={text.Port};Username={owner};Password={owner};Database={text.Database}";
    }

    /// <summary>A new, empty database; its connection string.</summary>
    public async Task<string> NewDatabase()
    {
        var admin = await Admin();
        var name = $"ralm_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(admin);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(admin) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_server is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await _server.DisposeAsync();
        }
    }

    private async Task<string> Admin()
    {
        await _starting.WaitAsync();
        try
        {
            var given = IsOurs ? null : Environment.GetEnvironmentVariable("RALM_TEST_POSTGRES");
            return _admin ??= given ?? await Start();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<string> Start()
    {
        var initdb = LocalServer.Find("initdb", Folders());
        if (initdb is null)
        {
            MissingServer.Report(HowToGet);
        }

        var binaries = Path.GetDirectoryName(File.ResolveLinkTarget(initdb, true)?.FullName ?? initdb)!;
        var folder = Directory.CreateTempSubdirectory("ralm-postgres-").FullName;
        var data = Path.Combine(folder, "data");
        var port = LocalServer.FreePort();
        if (Environment.UserName == "root")
        {
            await LocalServer.Run("chown", "postgres", folder);
        }

        string[] init = ["-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        await LocalServer.Run([.. AsPostgres, Path.Combine(binaries, "initdb"), .. init]);
        string[] serve = ["-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1"];
        string[] light = ["-c", "unix_socket_directories=", "-c", $"fsync={(Durable ? "on" : "off")}"];
        _own = (
            [
                .. AsPostgres,
                Path.Combine(binaries, "postgres"),
                .. serve,
                .. light,
                "-c",
                $"max_connections={MaxConnections}",
            ],
            folder
        );
        await Resume();
        return $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Maximum Pool Size=20";
    }

    /// <summary>Ends the server, with every connection there is. Only one of our own can be.</summary>
    public async Task Pause()
    {
        if (_server is null)
        {
            throw new InvalidOperationException("the server of RALM_TEST_POSTGRES is not ours to stop");
        }

        await _server.End();
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Starts it, with the databases it had, at the address it had.</summary>
    public async Task Resume() =>
        _server = await LocalServer.Start(
            _own.Command,
            _own.Folder,
            "database system is ready to accept connections",
            "INT"
        );

    /// <summary>PostgreSQL refuses to run as root; this changes the user without a second process.</summary>
    private static string[] AsPostgres =>
        Environment.UserName == "root"
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            : [];

    private static IEnumerable<string> Folders() =>
        Installations
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .OrderDescending(StringComparer.Ordinal)
            .Select(version => Path.Combine(version, "bin"));
}
