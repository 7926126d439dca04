using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Streams;
using Akka.Streams.Dsl;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Node;

/// <summary>Reads one entity's journal without starting a node: no membership, no regions, no endpoints.</summary>
public static class JournalReader
{
    /// <summary>Nobody waits for this but its caller: a slow disk or a busy machine is no reason to give up.</summary>
    private const string Quiet = """
        akka.loglevel = WARNING
        akka.persistence.query.journal.sql.journal-sequence-retrieval.ask-timeout = 60s
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<IEvent>> Read(
        RalmSettings settings,
        string persistenceId,
        CancellationToken ct
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAkka(
            NodeHosting.SystemName,
            akka =>
                akka.AddHocon(Quiet, HoconAddMode.Prepend)
                    .WithRalmSerialization()
                    .AddSqlPersistence(SqlDatabase.Of(settings.Persistence))
        );
        using var host = builder.Build();
        await host.StartAsync(ct);
        var system = host.Services.GetRequiredService<ActorSystem>();
        // The read side waits 5 s for the journal, and no longer, whatever the machine is busy with.
        var journal = Akka.Persistence.Persistence.Instance.Apply(system).JournalFor("");
        await journal.Ask<RecoverySuccess>(
            asker => new ReplayMessages(1, 1, 1, "of nobody: answered when the journal is there", asker),
            Patience,
            ct
        );
        var events = await JournaledEvents.Of(system, persistenceId).RunWith(Sink.Seq<IEvent>(), system.Materializer());
        await host.StopAsync(ct);
        return events;
    }
}
