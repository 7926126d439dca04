using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using Serilog;
using Serilog.Formatting.Compact;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Where the demo is played: on a node of its own, or through the edge of a cluster that is already there.</summary>
public sealed class DemoPlace : IAsyncDisposable
{
    private readonly IAsyncDisposable? _owned;

    private DemoPlace(IServiceTransport transport, IAsyncDisposable? owned)
    {
        Transport = transport;
        _owned = owned;
    }

    public IServiceTransport Transport { get; }

    /// <summary>Folder of the tables and the prepared dataset; the trainer reads it too.</summary>
    public required string Folder { get; init; }

    /// <summary>The data folder a replay reads the journal of, or <c>null</c> for the one this process is set to.</summary>
    public required string? Journal { get; init; }

    /// <summary>The node whose measurements the demo looks at.</summary>
    public required string NodeName { get; init; }

    /// <summary>Sets the ids of this run apart.</summary>
    public required string RunTag { get; init; }

    /// <summary>How long to repeat what is not answered.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>A node in this process that keeps everything in <paramref name="folder"/>.</summary>
    public static async Task<DemoPlace> OwnNode(DemoOptions options, string folder, CancellationToken ct)
    {
        var settings = RalmSettings.Read(
            ProcessSettings.Written(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Node:DataPath"] = folder,
                    ["Http:Urls"] = "http://127.0.0.1:0",
                    ["Monitor:Interval"] = "2",
                }
            )
        );
        var node = await RalmNode.Start(settings, ct, builder => LogTo(builder, Path.Combine(folder, "demo.log")));
        return new DemoPlace(new RegionTransport(node.Registry), node)
        {
            Folder = folder,
            Journal = folder,
            NodeName = settings.Node.Name,
            RunTag = $"{options.Seed}",
            Patience = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>
    /// A cluster that runs elsewhere. This process must be set as its nodes are: the model folder is where the trainer
    /// finds the dataset, and the database is where a replay finds the journal.
    /// </summary>
    public static DemoPlace Through(Uri edge, DemoOptions options)
    {
        var settings = RalmSettings.Read(ProcessSettings.Written());
        var transport = RestTransport.To(edge, AcceptedKeys.First(settings), settings.Http.AskTimeout * 1.5);
        var tag = $"{options.Seed}-{TimeProvider.System.GetUtcNow():yyyyMMddHHmmss}";
        return new DemoPlace(transport, new Disposing(transport))
        {
            Folder = Path.GetFullPath(Path.Combine(settings.Storage.Models, $"demo-{tag}")),
            Journal = null,
            NodeName = settings.Node.Name,
            RunTag = tag,
            Patience = TimeSpan.FromMinutes(3),
        };
    }

    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>The summary owns the console; what the node has to say goes to the demo's folder.</summary>
    private static void LogTo(WebApplicationBuilder builder, string path) =>
        builder.Services.AddSerilog(
            new LoggerConfiguration()
                .MinimumLevel.Information()
                .WriteTo.File(new CompactJsonFormatter(), path)
                .CreateLogger(),
            dispose: true
        );

    private sealed class Disposing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
