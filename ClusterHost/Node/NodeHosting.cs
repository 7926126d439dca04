using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Metering;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Node;

public static class NodeHosting
{
    public const string SystemName = "ralm";

    /// <summary>The role that votes when the cluster is split; trainers and scorers alone do not have it.</summary>
    public const string Voter = "voter";

    /// <summary>The actor system of a node: configuration, wire, remoting, membership, persistence, and its roles.</summary>
    /// <param name="claim">Whom to join.</param>
    public static IServiceCollection AddRalmNode(
        this IServiceCollection services,
        RalmSettings settings,
        SqlDatabase database,
        ClusterClaim claim
    ) =>
        services
            .AddSingleton(settings)
            .AddSingleton(database)
            .AddSingleton(claim)
            .AddSingleton<NodeEnd>()
            .AddHostedService<NodeBeat>()
            .AddHostedService<IntegrityLook>()
            .AddMetering(settings.Otlp)
            .AddHostedService<NodeGauges>()
            .AddAkka(
                SystemName,
                (akka, provider) =>
                {
                    var certificate = settings.Tls.Enabled ? NodeCertificate.Load(settings.Tls) : null;
                    akka.ConfigureLoggers(loggers =>
                        {
                            loggers.ClearLoggers();
                            loggers.AddLoggerFactory();
                        })
                        .AddHoconFiles(settings.Node.Roles, settings.Persistence)
                        .AddHocon(settings.Cluster.Hocon, HoconAddMode.Prepend)
                        .WithRalmSerialization()
                        .WithRemoting(Remoting(settings.Node, certificate))
                        .WithClustering(Clustering(settings.Node))
                        .AddSqlPersistence(database)
                        .WithActorSystemLivenessCheck(
                            HealthStatus.Unhealthy,
                            [HealthTags.Live, HealthTags.Ready, HealthTags.Endpoints, HealthTags.Akka]
                        )
                        .WithAkkaClusterReadinessCheck(
                            HealthStatus.Unhealthy,
                            [HealthTags.Ready, HealthTags.Endpoints, HealthTags.Akka]
                        )
                        .WithUnreadableEntities()
                        .AddFeatures(settings, provider.GetRequiredService<MeterReader>());
                    // Last: a node that cannot join ends after a while, and that must not begin while it still starts.
                    akka.AddStartup((system, _) => Join(system, claim.Seeds));
                }
            );

    private static RemoteOptions Remoting(NodeSettings node, NodeCertificate? certificate)
    {
        var options = new RemoteOptions
        {
            HostName = node.Host,
            Port = node.Port,
            PublicHostName = node.PublicHost,
        };
        if (certificate is not null)
        {
            options.EnableSsl = true;
            options.Ssl.X509Certificate = certificate.Own;
            options.Ssl.RequireMutualAuthentication = true;
            options.Ssl.CustomValidator = (peer, _, _, _, _) => certificate.Trusts(peer);
        }

        return options;
    }

    private static ClusterOptions Clustering(NodeSettings node)
    {
        string[] computing = [Roles.Trainer, Roles.Scorer];
        var votes = node.Roles.Except(computing, StringComparer.Ordinal).Any();
        return new ClusterOptions
        {
            Roles = votes ? [.. node.Roles, Voter] : [.. node.Roles],
            AppVersion = ClusterClaim.Release,
        };
    }

    private static void Join(ActorSystem system, IReadOnlyList<string> seeds)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        if (seeds.Count == 0)
        {
            cluster.Join(cluster.SelfAddress);
            return;
        }

        // With TLS the address scheme changes, and a seed of the wrong one is never found.
        var scheme = cluster.SelfAddress.Protocol;
        cluster.JoinSeedNodes(seeds.Select(seed => Address.Parse($"{scheme}://{SystemName}@{seed}")));
    }
}
