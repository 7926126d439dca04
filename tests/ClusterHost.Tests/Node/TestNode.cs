using Akka.Actor;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;

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

    /// <summary>Speaks to the node's REST endpoint with the right key.</summary>
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

    /// <summary>Versions with files of their own that no scorer can use: enough to be named in an experiment.</summary>
    public async Task<TestNode> WithVersions(string family, params string[] versionIds)
    {
        foreach (var versionId in versionIds)
        {
            var register = new RegisterVersion
            {
                Header = new CommandHeader { CommandId = $"register-{family}-{versionId}" },
                Family = family,
                VersionId = versionId,
                Artifact = SmallModel.Write(Node.Settings.Storage.Models, $"{family}/{versionId}"),
            };
            var reply = await Node.Registry.Get<RegistryRegion>().Ask<CommandReply>(register, Waiting.Patience);
            Xunit.Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
        }

        return this;
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
