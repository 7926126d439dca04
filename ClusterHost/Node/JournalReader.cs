using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Node;

/// <summary>Reads journals without starting a node: no membership, no regions, no endpoints.</summary>
public sealed class JournalReader
{
    /// <summary>Nobody waits for this but its caller: a slow disk or a busy machine is no reason to give up.</summary>
    private const string Quiet = """
        akka.loglevel = WARNING
        akka.persistence.query.journal.sql.journal-sequence-retrieval.ask-timeout = 60s
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ActorSystem _system;

    private JournalReader(ActorSystem system) => _system = system;

    /// <summary>All events of one entity, in order.</summary>
    public static Task<IReadOnlyList<IEvent>> Read(RalmSettings settings, string persistenceId, CancellationToken ct) =>
        Open(settings, journal => journal.Of(persistenceId), ct);

    /// <summary>For as long as <paramref name="read"/> takes.</summary>
    public static async Task<T> Open<T>(RalmSettings settings, Func<JournalReader, Task<T>> read, CancellationToken ct)
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
        var result = await read(new JournalReader(system));
        await host.StopAsync(ct);
        return result;
    }

    /// <param name="last">Sequence number of the last that is read.</param>
    /// <returns>All events of one entity, in order.</returns>
    public async Task<IReadOnlyList<IEvent>> Of(string persistenceId, long last = long.MaxValue) =>
        await JournaledEvents.Of(_system, persistenceId, last).RunWith(Sink.Seq<IEvent>(), _system.Materializer());

    /// <summary>All events of all entities, in the order in which they were written, one at a time: none is kept.</summary>
    /// <param name="each">Whose it is, by persistence id, and the event.</param>
    public Task ForEach(Action<string, IEvent> each, CancellationToken ct) =>
        PersistenceQuery
            .Get(_system)
            .ReadJournalFor<ICurrentAllEventsQuery>(ReadJournals.Events)
            .CurrentAllEvents(Offset.NoOffset())
            .RunForeach(
                e =>
                {
                    ct.ThrowIfCancellationRequested();
                    foreach (var journaled in EventGroup.EventsOf((IWireMessage)e.Event))
                    {
                        each(e.PersistenceId, journaled);
                    }
                },
                _system.Materializer()
            );
}
