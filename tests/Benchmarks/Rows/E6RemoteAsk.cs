using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// Asking entities of another node, against what remoting itself does: pairs of actors that send a word to and fro, as Akka.NET's
/// own RemotePingPong. Both nodes are of this process, between them is TCP.
/// </summary>
public sealed class E6RemoteAsk : IComparison
{
    private const int Requests = 40_000;
    private const int Parallel = 128;
    private const int Entities = 1_000;
    private const int Clients = 8;
    private const string Hit = "hit";

    private TestHost? _owner;
    private TestHost? _caller;
    private IActorRef _echo = ActorRefs.Nobody;

    public string Id => "E6";
    public string Unit => "messages, both ways";
    public string Product => "asks of 1,000 sharded entities on another node, 128 in flight";
    public string Peer => "RemotePingPong: 8 pairs, 128 in flight, same nodes";
    public double Must => 0.3;
    public double Stretch => 0.5;

    public async Task SetUp(CancellationToken ct)
    {
        _owner = await BenchNode.Start(_ => { }, ct);
        _caller = await BenchNode.Start(_ => { }, ct, of: _owner);
        var name = _owner.System.ActorOf(Props.Create<EchoActor>(), "echo").Path.Name;
        var address = Akka.Cluster.Cluster.Get(_owner.System).SelfAddress;
        _echo = await _caller
            .System.ActorSelection(new RootActorPath(address) / "user" / name)
            .ResolveOne(TimeSpan.FromSeconds(10), ct);
        // The caller's region finds the shards as it goes, and the runtime compiles what is hot.
        for (var round = 0; round < 4; round++)
        {
            await RunProduct(ct);
            await RunPeer(ct);
        }
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var region = _caller!.Registry.Get<RegistryRegion>();
        var asked = await InFlight.Run(
            Requests,
            Parallel,
            i => region.Ask<CommandReply>(new GetRegistry { Family = $"e{i % Entities}" }, ct)
        );
        return 2 * asked;
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(_ =>
                {
                    var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _caller!.System.ActorOf(Props.Create(() => new Pinger(_echo, Requests / Clients, done)));
                    return done.Task.WaitAsync(ct);
                })
        );
        return 2 * Requests;
    }

    public async Task TearDown()
    {
        await _caller!.DisposeAsync();
        await _owner!.DisposeAsync();
    }

    private sealed class Pinger : ReceiveActor
    {
        public Pinger(IActorRef echo, int hits, TaskCompletionSource done)
        {
            var (sent, returned) = (0, 0);
            Receive<string>(hit =>
            {
                if (++returned == hits)
                {
                    done.SetResult();
                    Context.Stop(Self);
                }
                else if (sent < hits)
                {
                    sent++;
                    echo.Tell(hit);
                }
            });
            for (; sent < Parallel / Clients; sent++)
            {
                echo.Tell(Hit);
            }
        }
    }
}
