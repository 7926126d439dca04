using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
            await Task.WhenAll(nodes.Select(node => node.StopAsync()));
            Array.ForEach(nodes, node => node.Dispose());
        }
    }

    /// <summary>A recovery asks the journal and the snapshot store.</summary>
    private static Task<int> Recovers(IHost node) =>
        node
            .Services.GetRequiredService<ActorSystem>()
            .ActorOf(Props.Create(() => new CountingEntity("first")))
            .Ask<int>("count", Waiting.Patience);

    private static async Task<IHost> Start(SqlDatabase database, ConcurrentBag<string> errors)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAkka(
            "ralm",
            akka =>
                akka.AddSqlPersistence(database)
                    .AddHocon("akka { loglevel = ERROR, stdout-loglevel = OFF }", HoconAddMode.Prepend)
                    .ConfigureLoggers(log => log.ClearLoggers())
                    .WithActors(
                        (system, _) =>
                            system.EventStream.Subscribe(
                                system.ActorOf(Props.Create(() => new Listener(errors))),
                                typeof(Error)
                            )
                    )
        );
        var node = builder.Build();
        await node.StartAsync();
        return node;
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentBag<string> errors) => Receive<Error>(e => errors.Add($"{e}"));
    }
}
