using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Tests.Node;

/// <summary>A whole node on free loopback ports, with a folder of its own that can outlive it.</summary>
public sealed class TestNode : IAsyncDisposable
{
    public const string Key = "0123456789abcdef0123456789abcdef";

    private readonly string? _ownFolder;

    private TestNode(RalmNode node, string? ownFolder)
    {
        Node = node;
        _ownFolder = ownFolder;
        Client = new HttpClient { BaseAddress = new Uri(node.Urls.First()) };
        Client.DefaultRequestHeaders.Add("X-Api-Key", Key);
    }

    public RalmNode Node { get; }

    /// <summary>Speaks to the node's REST door with the right key.</summary>
    public HttpClient Client { get; }

    public static async Task<TestNode> Start(
        Dictionary<string, string>? settings = null,
        string? folder = null,
        Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder>? configure = null
    )
    {
        var data = folder ?? Directory.CreateTempSubdirectory("ralm-node-").FullName;
        var written = new Dictionary<string, string>(settings ?? [], StringComparer.Ordinal);
        written.TryAdd("RALM__NODE__DATA_PATH", data);
        written.TryAdd("RALM__HTTP__URLS", "http://127.0.0.1:0");
        written.TryAdd("RALM__HTTP__API_KEYS", Key);
        written.TryAdd("RALM__LOGGING__LEVEL", "error");
        var read = RalmSettings.Read(WrittenSettings.From(written));
        var node = await RalmNode.Start(read, CancellationToken.None, configure);
        return new TestNode(node, folder is null ? data : null);
    }

    /// <summary>Until the readiness checks have all passed.</summary>
    public async Task<TestNode> Ready()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), patience.Token);
            if (answer.IsSuccessStatusCode)
            {
                return this;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Node.DisposeAsync();
        if (_ownFolder is not null)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(_ownFolder, recursive: true);
        }
    }
}
