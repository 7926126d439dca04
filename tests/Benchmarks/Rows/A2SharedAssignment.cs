using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using RalmActors.AbTesting;
using RalmActors.AbTesting.Actors;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>Asking the test itself for a unit's arm, against asking a sharded actor that only answers.</summary>
public sealed class A2SharedAssignment : IComparison
{
    /// <summary>A second or so: in the first half of one, both sides still run code that is not compiled for speed.</summary>
    private const int Asks = 500_000;
    private const int AtOnce = 64;
    private TestHost? _node;

    public string Id => "A2";
    public string Unit => "asks";
    public string Product => "assignment by the sharded test";
    public string Peer => "sharded actor that echoes";
    public double Must => 0.8;
    public double Stretch => 0.95;

    public async Task SetUp(CancellationToken ct)
    {
        _node = await BenchNode.Start(
            akka =>
                akka.WithDistributedPubSub("bench")
                    .WithEntityRegion<AbTestRegion, IExperimentMessage>(
                        RegionNames.AbTest,
                        new EntityRegionOptions("bench", 20),
                        (_, registry, _) =>
                            AbTestingHosting.Test(
                                new AbTestingOptions(),
                                registry,
                                TimeProvider.System,
                                (_, _, _) => Task.FromResult<Rejection?>(null)
                            )
                    )
                    .WithEntityRegion<AbTrafficRegion, ITrafficMessage>(
                        RegionNames.AbTraffic,
                        new EntityRegionOptions("bench", 20),
                        (_, registry, _) =>
                            AbTestingHosting.Traffic(new AbTestingOptions(), registry, TimeProvider.System)
                    )
                    .WithEntityRegion<AbCellRegion, ICellMessage>(
                        RegionNames.AbCell,
                        new EntityRegionOptions("bench", 20),
                        (_, registry, _) => AbTestingHosting.Cell(new AbTestingOptions(), registry, TimeProvider.System)
                    ),
            ct,
            _ => Props.Create(() => new Echo())
        );
        var create = new CreateExperiment
        {
            Header = new CommandHeader { CommandId = "create" },
            ExperimentId = "t",
            Definition = new ExperimentDefinition
            {
                Family = "city",
                Metric = "match",
                Arms =
                {
                    new Arm
                    {
                        Name = "a",
                        Weight = 5000,
                        VersionId = "v1",
                    },
                    new Arm
                    {
                        Name = "b",
                        Weight = 5000,
                        VersionId = "v2",
                    },
                },
            },
        };
        await Accepted(create, ct);
        await Accepted(
            new StartExperiment
            {
                Header = new CommandHeader { CommandId = "start" },
                ExperimentId = "t",
            },
            ct
        );
    }

    public Task<long> RunProduct(CancellationToken ct)
    {
        var region = _node!.Registry.Get<AbTestRegion>();
        return Run(
            async n =>
            {
                var reply = await region.Ask<AssignUnitReply>(
                    new AssignUnit { ExperimentId = "t", Unit = $"user_{n}" },
                    ct
                );
                return reply.Arm.Length > 0;
            },
            ct
        );
    }

    public Task<long> RunPeer(CancellationToken ct)
    {
        var region = _node!.Registry.Get<RegistryRegion>();
        return Run(
            async n =>
            {
                var echo = await region.Ask<RegisterVersion>(
                    new RegisterVersion { Family = "echo", VersionId = $"user_{n}" },
                    ct
                );
                return echo.VersionId.Length > 0;
            },
            ct
        );
    }

    public async Task TearDown()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    private static async Task<long> Run(Func<int, Task<bool>> ask, CancellationToken ct)
    {
        var answered = 0L;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, AtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (sender, _) =>
            {
                for (var n = sender; n < Asks; n += AtOnce)
                {
                    if (await ask(n))
                    {
                        Interlocked.Increment(ref answered);
                    }
                }
            }
        );
        return answered;
    }

    private async Task Accepted(ICommand command, CancellationToken ct)
    {
        var reply = await _node!.Registry.Get<AbTestRegion>().Ask<CommandReply>(command, TimeSpan.FromSeconds(20), ct);
        if (reply.Outcome != CommandOutcome.Accepted)
        {
            throw new InvalidOperationException($"{command.Descriptor.Name}: {reply}");
        }
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<StopEntity>(_ => Context.Stop(Self));
            ReceiveAny(message => Sender.Tell(message));
        }
    }
}
