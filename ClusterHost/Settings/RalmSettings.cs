using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using RalmActors.Trainer.Actors;

namespace RalmActors.ClusterHost.Settings;

/// <summary>All settings of a node. Each has one owner; docs/operations.md lists them with their environment names.</summary>
public sealed record RalmSettings(
    NodeSettings Node,
    ClusterSettings Cluster,
    HttpSettings Http,
    TlsSettings Tls,
    PersistenceSettings Persistence,
    StorageSettings Storage,
    TrainerSettings Trainer,
    ServingSettings Serving,
    OnlineSettings Online,
    MonitorSettings Monitor,
    OtlpSettings Otlp,
    LoggingSettings Logging
)
{
    /// <exception cref="SettingsException">Names every field, value and rule that is broken.</exception>
    public static RalmSettings Read(WrittenSettings written) => Read(new SettingsReader(written));

    internal static RalmSettings Read(SettingsReader reader)
    {
        var node = NodeSettings.Read(reader);
        var settings = new RalmSettings(
            node,
            ClusterSettings.Read(reader),
            HttpSettings.Read(reader, node),
            TlsSettings.Read(reader),
            PersistenceSettings.Read(reader, node),
            StorageSettings.Read(reader, node),
            TrainerSettings.Read(reader),
            ServingSettings.Read(reader),
            OnlineSettings.Read(reader),
            MonitorSettings.Read(reader),
            OtlpSettings.Read(reader),
            LoggingSettings.Read(reader)
        );
        ExposureRules.Check(settings, reader);
        reader.Finish();
        return settings;
    }
}

/// <param name="Roles">What this node does; none written = all of it.</param>
/// <param name="Name">What the monitor calls this node; two nodes of one machine need two names. Default: the machine's.</param>
/// <param name="DataPath">Folder of everything this node keeps itself. Default ./data.</param>
/// <param name="Host">Address remoting binds to. Default 127.0.0.1.</param>
/// <param name="Port">Port remoting binds to, 0 to 65,535. Default 0: any free one, for a cluster of one.</param>
/// <param name="PublicHost">Name under which the other nodes reach this one. Default: <paramref name="Host"/>.</param>
/// <param name="Seeds"><c>host:port</c> of the first nodes to ask. None: this node forms a cluster of its own.</param>
/// <param name="Insecure">Bind to other addresses than loopback without TLS and credentials.</param>
public sealed record NodeSettings(
    IReadOnlyList<string> Roles,
    string Name,
    string DataPath,
    string Host,
    int Port,
    string PublicHost,
    IReadOnlyList<string> Seeds,
    bool Insecure
)
{
    internal static NodeSettings Read(SettingsReader reader)
    {
        var roles = reader.List(
            "Node:Roles",
            role =>
                Messages.Cluster.Roles.All.Contains(role, StringComparer.Ordinal)
                    ? null
                    : $"must be among {string.Join(", ", Messages.Cluster.Roles.All)}"
        );
        var host = reader.Text("Node:Host", "127.0.0.1");
        var seeds = reader.List("Node:Seeds", seed => IsHostAndPort(seed) ? null : "must be host:port");
        var port = reader.Whole("Node:Port", 0, 0, 65_535);
        reader.Require(seeds.Count == 0 || port > 0, "Node:Port", "must be 1 to 65535 on a node with seeds");
        return new NodeSettings(
            roles.Count > 0 ? roles : Messages.Cluster.Roles.All,
            reader.Text("Node:Name", Environment.MachineName),
            Path.GetFullPath(reader.Text("Node:DataPath", "data")),
            host,
            port,
            reader.Text("Node:PublicHost", host),
            seeds,
            reader.Flag("Node:Insecure")
        );
    }

    private static bool IsHostAndPort(string seed) =>
        seed.LastIndexOf(':') is > 0 and var colon
        && int.TryParse(seed.AsSpan(colon + 1), out var port)
        && port is > 0 and < 65_536;
}

/// <param name="Urls">Where REST listens. Default http://127.0.0.1:8080.</param>
/// <param name="ApiKeys">Accepted keys, 16 characters or more. None: one is generated into the data folder.</param>
/// <param name="MaxBodyBytes">Largest request body, 1 KiB to 64 MiB. Default 1 MiB.</param>
/// <param name="MaxInFlight">Requests worked on at once; beyond it 429. 1 to 100,000, default 1,024.</param>
/// <param name="AskTimeout">How long a request waits for its entity: up to 300 s, default 10 s.</param>
/// <param name="Drain">How long a stopping node says that it is not ready before it stops listening: 0 to 60 s. Default
/// 2 s on a node with seeds; 0 on a node alone, whose callers have nowhere else to go.</param>
public sealed record HttpSettings(
    IReadOnlyList<string> Urls,
    IReadOnlyList<string> ApiKeys,
    int MaxBodyBytes,
    int MaxInFlight,
    TimeSpan AskTimeout,
    TimeSpan Drain
)
{
    public const int MinKeyLength = 16;

    internal static HttpSettings Read(SettingsReader reader, NodeSettings node)
    {
        var urls = reader.List("Http:Urls", url => IsUrl(url) ? null : "must be http://host:port or https://host:port");
        var keys = reader
            .Secret("Http:ApiKeys")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        reader.Require(
            keys.All(key => key.Length >= MinKeyLength),
            "Http:ApiKeys",
            $"must be keys of {MinKeyLength} characters or more, separated by commas",
            secret: true
        );
        return new HttpSettings(
            urls.Count > 0 ? urls : ["http://127.0.0.1:8080"],
            keys,
            reader.Whole("Http:MaxBodyBytes", 1 << 20, 1 << 10, 1 << 26),
            reader.Whole("Http:MaxInFlight", 1024, 1, 100_000),
            reader.Seconds("Http:AskTimeout", 10, 0, 300),
            TimeSpan.FromSeconds(reader.Between("Http:Drain", node.Seeds.Count > 0 ? 2 : 0, 0, 60))
        );
    }

    private static bool IsUrl(string url) =>
        Uri.TryCreate(
            url.Replace("*", "0.0.0.0", StringComparison.Ordinal).Replace("+", "0.0.0.0", StringComparison.Ordinal),
            UriKind.Absolute,
            out var uri
        ) && uri.Scheme is "http" or "https";
}

/// <param name="Certificate">PKCS #12 file: this node's certificate, its key, and the authority that signed it and must have
/// signed every peer's. Remoting then is mutual TLS. Empty: none.</param>
/// <param name="Password">Of that file.</param>
public sealed record TlsSettings(string Certificate, string Password)
{
    public bool Enabled => Certificate.Length > 0;

    internal static TlsSettings Read(SettingsReader reader)
    {
        var file = reader.Text("Tls:Certificate", "");
        reader.Require(file.Length == 0 || File.Exists(file), "Tls:Certificate", "must be a file that exists");
        return new TlsSettings(file, reader.Secret("Tls:Password"));
    }
}

/// <param name="Models">Model artefacts; one folder for all nodes with the roles trainer and scorer. Default: models in the data folder.</param>
/// <param name="Monitor">Exports of the monitor. Default: monitor in the data folder.</param>
/// <param name="AbTesting">Reports of experiments. Default: ab-testing in the data folder.</param>
/// <param name="Sweep">When model files that nobody needs are deleted. Default: only when somebody asks.</param>
public sealed record StorageSettings(string Models, string Monitor, string AbTesting, SweepOptions Sweep)
{
    internal static StorageSettings Read(SettingsReader reader, NodeSettings node) =>
        new(
            Path.GetFullPath(reader.Text("Storage:Models", Path.Combine(node.DataPath, "models"))),
            Path.GetFullPath(reader.Text("Storage:Monitor", Path.Combine(node.DataPath, "monitor"))),
            Path.GetFullPath(reader.Text("Storage:AbTesting", Path.Combine(node.DataPath, "ab-testing"))),
            new SweepOptions
            {
                Every = reader.Whole("Storage:SweepEvery", 0, 0, 8_760) is > 0 and var hours
                    ? TimeSpan.FromHours(hours)
                    : null,
                Grace = TimeSpan.FromHours(reader.Whole("Storage:SweepGrace", 168, 1, 8_760)),
            }
        );
}

/// <param name="Device">cpu (default) or cuda:N.</param>
/// <param name="RunsAtOnce">Runs of this node that train at once, 1 to 64; others wait. Default 4.</param>
public sealed record TrainerSettings(string Device, int RunsAtOnce)
{
    internal static TrainerSettings Read(SettingsReader reader)
    {
        var device = reader.Text("Trainer:Device", "cpu");
        var isCuda = device.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(device.AsSpan(5), out _);
        reader.Require(device == "cpu" || isCuda, "Trainer:Device", "must be cpu or cuda:N");
        return new TrainerSettings(device, reader.Whole("Trainer:RunsAtOnce", 4, 1, 64));
    }
}

/// <param name="LearningRate">Above 0, at most 1. Default 0.0003.</param>
/// <param name="BatchSize">Samples per online step, 1 to 4,096. Default 32.</param>
/// <param name="AudienceSeeds">Users an audience remembers, 1 to 10,000. Default 500.</param>
public sealed record OnlineSettings(double LearningRate, int BatchSize, int AudienceSeeds)
{
    internal static OnlineSettings Read(SettingsReader reader) =>
        new(
            reader.Number("Online:LearningRate", 0.0003, 0, 1),
            reader.Whole("Online:BatchSize", 32, 1, 4096),
            reader.Whole("Online:AudienceSeeds", AudienceBounds.DefaultKeep, 1, AudienceBounds.MaxKeep)
        );
}

/// <param name="Path">Folder of the rolling log files; empty: console only. Default: empty.</param>
/// <param name="Level">debug, information, warning or error. Default information.</param>
/// <param name="Console">output or errors. Default output.</param>
public sealed record LoggingSettings(string Path, string Level, string Console)
{
    private const string Output = "output";

    /// <summary>Where a program's output is its result.</summary>
    public const string Errors = "errors";

    internal static LoggingSettings Read(SettingsReader reader) =>
        new(
            reader.Text("Logging:Path", ""),
            reader.OneOf("Logging:Level", "information", "debug", "information", "warning", "error"),
            reader.OneOf("Logging:Console", Output, Output, Errors)
        );
}
