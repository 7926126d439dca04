using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>Nodes that start at once on an empty PostgreSQL: each finds or makes the tables, and none stumbles over another.</summary>
public sealed class EmptyDatabaseSpecs(PostgresServer postgres)
{
    private const int Nodes = 6;
    private const int Databases = 3;

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_tables_without_an_error()
    {
        for (var n = 0; n < Databases; n++)
        {
            var database = SqlDatabase.Of(
                new PersistenceSettings(PersistenceSettings.Postgres, await postgres.NewDatabase())
            );
            var errors = new ConcurrentBag<string>();
            var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(_ => Start(database, errors)));
            await Task.WhenAll(nodes.Select(Recovers));

            Assert.Empty(errors);
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    /// <summary>A recovery asks the journal and the snapshot store.</summary>
    private static Task<int> Recovers(TestHost node) =>
        node.System.ActorOf(Props.Create(() => new CountingEntity("first"))).Ask<int>("count", Waiting.Patience);

    private static Task<TestHost> Start(SqlDatabase database, ConcurrentBag<string> errors) =>
        TestHost.Start(
            "ralm",
            akka =>
                akka.AddSqlPersistence(database)
                    .WithActors(
                        (system, _) =>
                            system.EventStream.Subscribe(
                                system.ActorOf(Props.Create(() => new Listener(errors))),
                                typeof(Error)
                            )
                    )
        );

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentBag<string> errors) => Receive<Error>(e => errors.Add($"{e}"));
    }
}
