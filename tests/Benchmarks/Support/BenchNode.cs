using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Benchmarks.Support;

/// <summary>One cluster node of its own with the counting region, on whatever journal the row asks for.</summary>
public sealed class BenchNode : IAsyncDisposable
{
    private readonly IHost _host;

    private BenchNode(IHost host) => _host = host;

    public IReadOnlyActorRegistry Registry => _host.Services.GetRequiredService<IReadOnlyActorRegistry>();

    public ActorSystem System => _host.Services.GetRequiredService<Akka.Actor.ActorSystem>();

    /// <param name="journal">What else the node needs; nothing means the journal in memory.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <param name="entity">The entities of the region; by default the product's shell around a state that counts.</param>
    public static async Task<BenchNode> Start(
        Action<AkkaConfigurationBuilder> journal,
        CancellationToken ct,
        Func<string, Props>? entity = null
    )
    {
        entity ??= id => Props.Create(() => new CountingActor(id));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(
            "bench",
            akka =>
            {
                akka.AddHocon(
                        "akka.loglevel = WARNING, akka.cluster.sharding.state-store-mode = ddata",
                        HoconAddMode.Prepend
                    )
                    .WithRalmSerialization()
                    .WithRemoting("127.0.0.1", 0)
                    .WithClustering(new ClusterOptions { Roles = ["bench"] })
                    .WithEntityRegion<RegistryRegion, IRegistryMessage>(
                        "bench",
                        new EntityRegionOptions("bench", 20) { IdleAfter = null },
                        (_, _, _) => entity
                    )
                    .AddStartup(
                        (system, _) =>
                        {
                            var cluster = Akka.Cluster.Cluster.Get(system);
                            cluster.Join(cluster.SelfAddress);
                        }
                    );
                journal(akka);
            }
        );
        var host = builder.Build();
        await host.StartAsync(ct);
        return new BenchNode(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
