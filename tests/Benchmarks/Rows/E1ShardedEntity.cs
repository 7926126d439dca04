using System.Diagnostics;
using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>What sharding, the shell and an in-memory journal leave of a bare ask.</summary>
public sealed class E1ShardedEntity : IComparison
{
    private const int Requests = 60_000;
    private const int Parallel = 128;
    private const int Entities = 1000;

    private TestHost? _node;
    private IActorRef _echo = ActorRefs.Nobody;
    private IActorRef _region = ActorRefs.Nobody;
    private int _round;
    private double _productSeconds = double.MaxValue;
    private double _plainPerSecond;

    public string Id => "E1";
    public string Unit => "messages";
    public string Product => "sharded event-sourced ask, memory journal, 128 in flight";
    public string Peer => "bare ask, 128 in flight";
    public double Must => 0.3;
    public double Stretch => 0.5;

    public string Note =>
        $"An event-sourced actor of plain Akka in the same region: {_plainPerSecond:N0} messages/s; "
        + $"the best round with the shell: {Requests / _productSeconds:N0}.";

    public async Task SetUp(CancellationToken ct)
    {
        _node = await BenchNode.Start(_ => { }, ct);
        _region = _node.Registry.Get<RegistryRegion>();
        _echo = _node.System.ActorOf(Props.Create<EchoActor>());
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await Ask(_region, ct);
        _productSeconds = Math.Min(_productSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return done;
    }

    public Task<long> RunPeer(CancellationToken ct) =>
        InFlight.Run(Requests * 4, Parallel, i => _echo.Ask<CommandReply>(new CommandReply { SequenceNr = i }, ct));

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        await using var plain = await BenchNode.Start(
            _ => { },
            CancellationToken.None,
            id => Props.Create(() => new PlainPersistentActor(id))
        );
        var region = plain.Registry.Get<RegistryRegion>();
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var done = await Ask(region, CancellationToken.None);
            _plainPerSecond = Math.Max(_plainPerSecond, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private Task<long> Ask(IActorRef region, CancellationToken ct)
    {
        var round = ++_round;
        return InFlight.Run(
            Requests,
            Parallel,
            i => region.Ask<CommandReply>(CountingActor.Command($"e{i % Entities}", $"{round}-{i}"), ct)
        );
    }
}
