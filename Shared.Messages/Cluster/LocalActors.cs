using Akka.Actor;
using Akka.Cluster.Routing;
using Akka.Hosting;
using Akka.Routing;

namespace RalmActors.Messages.Cluster;

public static class LocalActors
{
    /// <summary>An actor of its own on every node with the role; elsewhere a router to those nodes, under the same key.</summary>
    public static AkkaConfigurationBuilder AddLocal<TKey>(
        this AkkaConfigurationBuilder akka,
        string name,
        string role,
        Func<ActorSystem, IActorRegistry, Props> local
    ) =>
        akka.WithActors(
            (system, registry) =>
            {
                var here = HasRole(system, role);
                var props = here
                    ? local(system, registry)
                    : new ClusterRouterGroup(
                        new RoundRobinGroup($"/user/{name}"),
                        new ClusterRouterGroupSettings(64, [$"/user/{name}"], allowLocalRoutees: false, role)
                    ).Props();
                registry.Register<TKey>(system.ActorOf(props, here ? name : $"{name}-router"));
            }
        );

    public static bool HasRole(ActorSystem system, string role) =>
        Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(role);
}
