using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.Persistence.Sql.Config;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Health;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Persistence;

public static class PersistenceHosting
{
    /// <summary>
    /// Journal, snapshots and read side of the entities, and tables of its own for the memory of sharding. Both journals
    /// and snapshot stores report their health.
    /// </summary>
    public static AkkaConfigurationBuilder AddSqlPersistence(
        this AkkaConfigurationBuilder akka,
        SqlDatabase database
    ) =>
        akka.AddSetup(new DataOptionsSetup(database.Connections()))
            .AddSetup(new SqliteFileSetup(database))
            .WithJournalAndSnapshot(
                new SqlJournal("sql", database, isDefault: true),
                new SqlSnapshotStore("sql", database, isDefault: true),
                journal =>
                    journal
                        .AddWriteEventAdapter<FollowedEventTagger>("followed-events", [typeof(IFollowedEvent)])
                        .WithHealthCheck(
                            HealthStatus.Unhealthy,
                            "journal",
                            [HealthTags.Ready, HealthTags.Endpoints, HealthTags.Akka]
                        ),
                snapshots =>
                    snapshots.WithHealthCheck(HealthStatus.Unhealthy, "snapshots", [HealthTags.Ready, HealthTags.Akka])
            )
            .WithJournalAndSnapshot(
                new SqlJournal("sharding", database, isDefault: false),
                new SqlSnapshotStore("sharding", database, isDefault: false)
            );
}
