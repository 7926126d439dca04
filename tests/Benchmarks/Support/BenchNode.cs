using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Support;

/// <summary>One cluster node of its own with the counting region, on whatever journal the row asks for.</summary>
public static class BenchNode
{
    /// <param name="journal">What else the node needs; nothing means the journal in memory.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <param name="entity">The entities of the region; by default the product's shell around a state that counts.</param>
    /// <param name="of">A node whose entities this one only calls.</param>
    public static Task<TestHost> Start(
        Action<AkkaConfigurationBuilder> journal,
        CancellationToken ct,
        Func<string, Props>? entity = null,
        TestHost? of = null
    )
    {
        entity ??= id => Props.Create(() => new CountingActor(id));
        return TestHost.Start(
            "bench",
            akka =>
            {
                akka.AddHocon("akka.cluster.sharding.state-store-mode = ddata", HoconAddMode.Prepend)
                    .WithRalmSerialization()
                    .WithRemoting("127.0.0.1", 0)
                    .WithClustering(new ClusterOptions { Roles = of is null ? ["bench"] : [] })
                    .WithEntityRegion<RegistryRegion, IRegistryMessage>(
                        "bench",
                        new EntityRegionOptions("bench", 20) { IdleAfter = null },
                        (_, _, _) => entity
                    )
                    .AddStartup(
                        (system, _) =>
                        {
                            var cluster = Akka.Cluster.Cluster.Get(system);
                            cluster.Join(
                                of is null ? cluster.SelfAddress : Akka.Cluster.Cluster.Get(of.System).SelfAddress
                            );
                        }
                    );
                journal(akka);
            },
            ct
        );
    }
}
