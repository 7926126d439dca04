using Akka.Cluster;
using Akka.Hosting;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Logging;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>A whole node in this process: actor system, endpoints, health, logs. Disposing it leaves the cluster in good order.</summary>
public sealed class RalmNode : IAsyncDisposable
{
    /// <summary>Everything must have stopped by then; container grace periods are a little longer.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The same for a node that has nothing to hand over yet.</summary>
    public static readonly TimeSpan ShortShutdownTimeout = TimeSpan.FromSeconds(4);

    private readonly WebApplication _app;
    private readonly NodeStorage _storage;
    private bool _isDisposed;

    private RalmNode(WebApplication app, NodeStorage storage, string? generatedKeyFile)
    {
        _app = app;
        _storage = storage;
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
    /// <param name="say">What the owner should know while the node starts; it is logged besides.</param>
    /// <exception cref="StartRefusedException">Says what is wrong and what to do.</exception>
    public static async Task<RalmNode> Start(
        RalmSettings settings,
        CancellationToken ct,
        Action<WebApplicationBuilder>? configure = null,
        Action<string>? say = null
    )
    {
        FreePorts.Check(settings);
        var notes = new List<string>();
        var (storage, claim) = await NodeStorage.Open(settings, Tell, ct);
        WebApplication? app = null;
        try
        {
            var keys = AcceptedKeys.For(settings, out var generated);
            var builder = Builder(settings);
            builder
                .Services.AddRalmHealth()
                .AddClusterHealth()
                .AddRalmNode(settings, storage.Database, claim)
                .AddRalmHttp(settings.Http, keys);
            configure?.Invoke(builder);
            app = builder.Build();
            foreach (var note in notes)
            {
                app.Logger.LogWarning("At the start: {Note}", note);
            }

            app.MapRalm(settings);
            await app.StartAsync(ct);
            return new RalmNode(app, storage, generated);
        }
        catch
        {
            await Abandon(app);
            storage.Dispose();
            throw;
        }

        void Tell(string note)
        {
            notes.Add(note);
            say?.Invoke(note);
        }
    }

    /// <summary>Returns when it is told to stop or the actor system has ended.</summary>
    /// <returns>Why the node ended by itself, or <c>null</c> when it was told to.</returns>
    public async Task<string?> Ended(CancellationToken ct)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var told = ct.Register(() => ended.TrySetResult());
        await using var stopping = lifetime.ApplicationStopping.Register(() => ended.TrySetResult());
        await ended.Task;
        return ct.IsCancellationRequested
            ? null
            : Services.GetRequiredService<NodeEnd>().Reason
                ?? "the node has left its cluster, or could not join it; the log says why";
    }

    /// <summary>
    /// Says that it is not ready while it still answers, so that senders turn to other nodes; then stops listening,
    /// answers what is in flight, hands its entities over and leaves.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        Services.GetRequiredService<Readiness>().Stop();
        var status = Akka.Cluster.Cluster.Get(System).SelfMember.Status;
        if (status is not (MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting))
        {
            // It has no entities to hand over and nobody to tell, and would wait for both.
            await Abandon(_app);
            _storage.Dispose();
            return;
        }

        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await Task.Delay(Settings.Http.Drain);
        }

        await _app.StopAsync();
        await _app.DisposeAsync();
        _storage.Dispose();
    }

    private static WebApplicationBuilder Builder(RalmSettings settings)
    {
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
        // Signals are the process's business: it may have no node yet, or more to do than to stop one.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        return builder;
    }

    /// <summary>Of a node that has not come to its end: what it has may end by itself, in a short time.</summary>
    private static async Task Abandon(WebApplication? app)
    {
        if (app is null)
        {
            return;
        }

        try
        {
            using var patience = new CancellationTokenSource(ShortShutdownTimeout / 2);
            await app.StopAsync(patience.Token).WaitAsync(ShortShutdownTimeout);
            await app.DisposeAsync().AsTask().WaitAsync(ShortShutdownTimeout / 2);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or AggregateException)
        {
            // The reason why it did not start is what counts.
        }
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
