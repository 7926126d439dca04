namespace RalmActors.TestSupport;

/// <summary>
/// A Redis for specs: the one of RALM_TEST_REDIS (<c>host:port</c>), else one of our own on a free loopback port,
/// started at first use.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string HowToGet =
        "no Redis: apt-get install redis-server, brew install redis, or name a server in RALM_TEST_REDIS";

    private readonly SemaphoreSlim _starting = new(1);
    private LocalServer? _server;
    private string? _address;

    /// <summary><c>host:port</c> of a running server.</summary>
    public async Task<string> Address()
    {
        await _starting.WaitAsync();
        try
        {
            return _address ??= Environment.GetEnvironmentVariable("RALM_TEST_REDIS") ?? await Start();
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task<string> Start()
    {
        var redis = LocalServer.Find("redis-server", "/opt/homebrew/bin", "/usr/local/bin");
        if (redis is null)
        {
            MissingServer.Report(HowToGet);
        }

        var folder = Directory.CreateTempSubdirectory("ralm-redis-").FullName;
        var port = LocalServer.FreePort();
        string[] options = ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", folder];
        _server = await LocalServer.Start([redis, .. options], folder, "Ready to accept connections", "TERM");
        return $"127.0.0.1:{port}";
    }
}
