using System.Diagnostics;
using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// What the shell costs: the same event, of the same size, persisted by the product's entity and by the least that Akka asks of
/// an event-sourced actor, each in the same region of a node of its own, in turn. The journal is in memory.
/// </summary>
public sealed class E1ShardedEntity : IComparison
{
    private const int Requests = 60_000;
    private const int Parallel = 128;
    private const int Entities = 1000;

    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);
    private TestHost? _shell;
    private TestHost? _plain;
    private int _round;
    private double _shellPerSecond;

    public string Id => "E1";
    public string Unit => "messages";
    public string Product => "sharded event-sourced ask of the shell, memory journal, 128 in flight";
    public string Peer => "the same event by a plain persistent actor in the same region";
    public double Must => 0.9;
    public double Stretch => 1;

    public IReadOnlyDictionary<string, double> Figures => _figures;

    public string Note =>
        _figures.Count == 0 ? "" : $"Beside a bare ask, best rounds: {_figures["ratio_bare_ask"]:F3} (goal .3).";

    public async Task SetUp(CancellationToken ct)
    {
        _shell = await BenchNode.Start(_ => { }, ct);
        _plain = await BenchNode.Start(_ => { }, ct, id => Props.Create(() => new PlainPersistentActor(id)));
        // Until the runtime has compiled what is hot.
        for (var round = 0; round < 4; round++)
        {
            await RunProduct(ct);
            await RunPeer(ct);
        }
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await Ask(_shell!, ct);
        _shellPerSecond = Math.Max(_shellPerSecond, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
        return done;
    }

    public Task<long> RunPeer(CancellationToken ct) => Ask(_plain!, ct);

    public async Task TearDown()
    {
        var echo = _plain!.System.ActorOf(Props.Create<EchoActor>());
        var best = 0.0;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var done = await InFlight.Run(
                Requests * 4,
                Parallel,
                i => echo.Ask<CommandReply>(new CommandReply { SequenceNr = i })
            );
            best = Math.Max(best, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        _figures["ratio_bare_ask"] = _shellPerSecond / best;
        await _shell!.DisposeAsync();
        await _plain.DisposeAsync();
    }

    private Task<long> Ask(TestHost node, CancellationToken ct)
    {
        var region = node.Registry.Get<RegistryRegion>();
        var round = ++_round;
        return InFlight.Run(
            Requests,
            Parallel,
            i => region.Ask<CommandReply>(CountingActor.Command($"e{i % Entities}", $"{round}-{i}"), ct)
        );
    }
}
