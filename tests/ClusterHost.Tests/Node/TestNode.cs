using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Akka.Actor;
using Google.Protobuf;
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

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly ConcurrentDictionary<(string Family, string VersionId), Lazy<Task>> _versions = new();
    private readonly string? _ownFolder;
    private static int _commands;

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
        await Eventually.Is(async () =>
        {
            using var answer = await Client.GetAsync(Relative("/health/ready"));
            return answer.IsSuccessStatusCode;
        });
        return this;
    }

    /// <summary>A question changes nothing: whoever is told to come again asks again.</summary>
    public async Task<T> Get<T>(string path)
        where T : IMessage<T>, new() => Parser.Parse<T>(await Text(path));

    /// <summary>The same of a page, a table or a text.</summary>
    public async Task<string> Text(string path)
    {
        var (status, body) = await SendUntilTaken(path, json: null);
        Xunit.Assert.True(status == HttpStatusCode.OK, body);
        return body;
    }

    /// <summary>Asks until the answer is the one wanted; "come again" is not.</summary>
    public async Task<T> Until<T>(string path, Func<T, bool> holds)
        where T : IMessage<T>, new()
    {
        var wanted = new T();
        await Eventually.Is(
            async () =>
            {
                var (status, body) = await Send(path);
                if (IsTooEarly(status))
                {
                    return false;
                }

                Xunit.Assert.True(status == HttpStatusCode.OK, body);
                return holds(wanted = Parser.Parse<T>(body));
            },
            path
        );
        return wanted;
    }

    /// <summary>A command that has no header gets one.</summary>
    public Task<T> Post<T>(string path, IMessage message)
        where T : IMessage<T>, new() => Post<T>(path, message, Send);

    /// <inheritdoc cref="SendUntilTaken"/>
    public Task<T> PostUntilTaken<T>(string path, IMessage message)
        where T : IMessage<T>, new() => Post<T>(path, message, SendUntilTaken);

    private static async Task<T> Post<T>(
        string path,
        IMessage message,
        Func<string, string?, Task<(HttpStatusCode Status, string Body)>> send
    )
        where T : IMessage<T>, new()
    {
        if (message.Descriptor.FindFieldByName("header") is { } header && header.Accessor.GetValue(message) is null)
        {
            header.Accessor.SetValue(
                message,
                new CommandHeader { CommandId = $"c-{Interlocked.Increment(ref _commands)}" }
            );
        }

        var (status, body) = await send(path, JsonFormatter.Default.Format(message));
        Xunit.Assert.True(status == HttpStatusCode.OK, body);
        return Parser.Parse<T>(body);
    }

    /// <summary>Posts, or gets where there is no body: once, whatever the answer.</summary>
    public async Task<(HttpStatusCode Status, string Body)> Send(string path, string? json = null)
    {
        using var content = json is null ? null : new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var answer = await (
            content is null ? Client.GetAsync(Relative(path)) : Client.PostAsync(Relative(path), content)
        );
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// What a client does that is told to come again: a cell that has not heard yet what to count says so, and an entity that
    /// is not ready for a moment.
    /// </summary>
    public Task<(HttpStatusCode Status, string Body)> SendUntilTaken(string path, string? json) =>
        Eventually.Value(() => Send(path, json), answer => !IsTooEarly(answer.Status), path);

    private static bool IsTooEarly(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    /// <summary>
    /// Versions with files of their own that no scorer can use: enough to be named in an experiment. Each is registered once
    /// on this node, by whoever needs it first.
    /// </summary>
    public async Task<TestNode> WithVersions(string family, params string[] versionIds)
    {
        foreach (var versionId in versionIds)
        {
            await _versions.GetOrAdd((family, versionId), v => new(() => Register(v.Family, v.VersionId))).Value;
        }

        return this;
    }

    private async Task Register(string family, string versionId)
    {
        var register = new RegisterVersion
        {
            Header = new CommandHeader { CommandId = $"register-{family}-{versionId}" },
            Family = family,
            VersionId = versionId,
            Artifact = SmallModel.Write(Node.Settings.Storage.Models, $"{family}/{versionId}"),
        };
        var reply = await Node.Registry.Get<RegistryRegion>().Ask<CommandReply>(register, Waiting.Patience);
        Xunit.Assert.True(reply.Outcome == CommandOutcome.Accepted, $"{reply}");
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

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
