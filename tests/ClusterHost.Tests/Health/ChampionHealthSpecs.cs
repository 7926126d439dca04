using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Scorer.Actors;
using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Health;

/// <summary>The spec plays the scorer.</summary>
public sealed class ChampionHealthSpecs : IAsyncLifetime
{
    private static readonly ServedFamily Loading = new("city", "v-2", ServedVersionId: null, IsUnloadable: false);
    private static readonly ServedFamily Served = new("town", "v-1", "v-1", IsUnloadable: false);
    private static readonly ServedFamily Unloadable = new("city", "v-2", ServedVersionId: null, IsUnloadable: true);

    private readonly ActorSystem _system = ActorSystem.Create("health");
    private ChampionHealth _health = null!;
    private volatile ScorerActor.Served _answer = new([], AreAll: false);

    public ValueTask InitializeAsync()
    {
        var registry = ActorRegistry.For(_system);
        registry.Register<ScorerKey>(_system.ActorOf(Props.Create(() => new Scorer(() => _answer))));
        var settings = RalmSettings.Read(WrittenSettings.From(new Dictionary<string, string>(StringComparer.Ordinal)));
        _health = new ChampionHealth(registry, settings);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();

    [Fact]
    public async Task Until_all_families_are_known_and_each_champion_was_tried_a_node_is_not_ready()
    {
        Assert.Equal(HealthStatus.Unhealthy, await Says(areAll: false));
        Assert.Equal(HealthStatus.Unhealthy, await Says(areAll: false, Served));
        Assert.Equal(HealthStatus.Unhealthy, await Says(areAll: true, Served, Loading));
        Assert.Equal(HealthStatus.Healthy, await Says(areAll: true, Served));
    }

    [Fact]
    public async Task A_champion_that_is_chosen_later_loads_while_the_node_serves_the_others()
    {
        Assert.Equal(HealthStatus.Healthy, await Says(areAll: true));

        Assert.Equal(HealthStatus.Healthy, await Says(areAll: true, Served, Loading));
        Assert.Equal(HealthStatus.Unhealthy, await Says(areAll: true, Served, Unloadable));
    }

    private async Task<HealthStatus> Says(bool areAll, params ServedFamily[] families)
    {
        _answer = new ScorerActor.Served([.. families], areAll);
        return (await _health.CheckHealthAsync(new HealthCheckContext())).Status;
    }

    private sealed class Scorer : ReceiveActor
    {
        public Scorer(Func<ScorerActor.Served> answer) => Receive<ScorerActor.GetServed>(_ => Sender.Tell(answer()));
    }
}
