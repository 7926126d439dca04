using Akka.Hosting;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Logging;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>A whole node in this process: actor system, doors, health, logs. Disposing it leaves the cluster in good order.</summary>
public sealed class RalmNode : IAsyncDisposable
{
    /// <summary>Everything must have stopped by then; container grace periods are a little longer.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly DataFolderLock _lock;

    private RalmNode(WebApplication app, DataFolderLock @lock, string? generatedKeyFile)
    {
        _app = app;
        _lock = @lock;
        GeneratedKeyFile = generatedKeyFile;
    }

    public string? GeneratedKeyFile { get; }

    public RalmSettings Settings => Services.GetRequiredService<RalmSettings>();

    public IServiceProvider Services => _app.Services;

    public IReadOnlyActorRegistry Registry => Services.GetRequiredService<IReadOnlyActorRegistry>();

    public Akka.Actor.ActorSystem System => Services.GetRequiredService<Akka.Actor.ActorSystem>();

    /// <summary>Where REST listens, with the real ports.</summary>
    public IReadOnlyCollection<string> Urls => [.. _app.Urls];

    /// <param name="settings">Read and checked.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <param name="configure">Last word on the services, for specs.</param>
    public static async Task<RalmNode> Start(
        RalmSettings settings,
        CancellationToken ct,
        Action<WebApplicationBuilder>? configure = null
    )
    {
        var folder = DataFolderLock.Take(settings.Node.DataPath);
        try
        {
            return await Start(settings, folder, configure, ct);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static async Task<RalmNode> Start(
        RalmSettings settings,
        DataFolderLock folder,
        Action<WebApplicationBuilder>? configure,
        CancellationToken ct
    )
    {
        await SqlDatabase.Of(settings.Persistence).Prepare(ct);
        var keys = ApiKeys.For(settings, out var generated);
        var builder = WebApplication.CreateSlimBuilder();
        // The settings are ours alone: nothing of the framework's own files and variables takes part.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.AddRalmLogging(settings.Logging);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls([.. settings.Http.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Http.MaxBodyBytes;
            if (settings.Tls.Enabled)
            {
                kestrel.ConfigureHttpsDefaults(https =>
                    https.ServerCertificate = NodeCertificate.Load(settings.Tls).Own
                );
            }
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddRalmHealth().AddRalmNode(settings).AddSingleton<DoorHandler>();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapRalm(settings, keys);
        await app.StartAsync(ct);
        return new RalmNode(app, folder, generated);
    }

    /// <summary>Returns when the process is told to stop (SIGTERM, Ctrl-C) or the actor system has ended.</summary>
    public Task Ended(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _lock.Dispose();
    }
}
