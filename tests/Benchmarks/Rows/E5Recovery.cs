using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>An entity's replay against reading its rows and doing nothing with them.</summary>
public sealed class E5Recovery : IComparison, IDisposable
{
    private const int Events = 10_000;

    private readonly SqliteJournal _journal = new();
    private TestHost? _node;
    private int _round;

    public string Id => "E5";
    public string Unit => "events";
    public string Product => "recovery of one entity of 10,000 events, each of a command of its own, SQLite";
    public string Peer => "the same rows by index, read and dropped";
    public double Must => 0.08;
    public double Stretch => 0.2;

    public async Task SetUp(CancellationToken ct)
    {
        _node = await BenchNode.Start(_journal.Configure, ct);
        var actor = Entity();
        await InFlight.Run(
            Events,
            128,
            i => actor.Ask<CommandReply>(CountingActor.Command("replayed", $"fill-{i}"), ct)
        );
        await actor.GracefulStop(TimeSpan.FromSeconds(10), StopEntity.Instance);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var actor = Entity();
        var reply = await actor.Ask<CommandReply>(new GetRegistry { Family = "replayed" }, ct);
        await actor.GracefulStop(TimeSpan.FromSeconds(10), StopEntity.Instance);
        return reply.SequenceNr;
    }

    public Task<long> RunPeer(CancellationToken ct)
    {
        using var connection = _journal.Open();
        using var select = connection.CreateCommand();
        select.CommandText =
            "SELECT sequence_number, message, manifest, identifier FROM journal "
            + "WHERE persistence_id = 'bench-replayed' AND sequence_number >= 0 ORDER BY sequence_number";
        using var rows = select.ExecuteReader();
        var bytes = 0L;
        var count = 0L;
        while (rows.Read())
        {
            bytes += rows.GetFieldValue<byte[]>(1).Length + rows.GetString(2).Length;
            count++;
        }

        return Task.FromResult(bytes > 0 ? count : 0);
    }

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _journal.Dispose();

    private IActorRef Entity() =>
        _node!.System.ActorOf(Props.Create(() => new CountingActor("replayed")), $"replayed-{_round++}");
}
