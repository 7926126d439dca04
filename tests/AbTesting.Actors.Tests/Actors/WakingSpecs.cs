using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.TestKit;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>What wakes cells, and when they leave memory again.</summary>
public sealed class WakingSpecs : PromotionTestKit
{
    [Fact]
    public void All_tests_of_a_node_share_one_pace()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(GivenExperiment.Now);
        var pace = new WakingPace(cellsPerSecond: 50, clock);

        Assert.Equal([0, 20, 40], Enumerable.Range(0, 3).Select(_ => pace.Reserve().TotalMilliseconds));
        clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(10, pace.Reserve().TotalMilliseconds);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, pace.Reserve().TotalMilliseconds);
    }

    [Fact]
    public void Cells_that_were_never_told_what_to_count_are_told_at_once_and_the_others_are_woken_one_by_one()
    {
        var test = GivenExperiment
            .Given(
                GivenExperiment.Create(d => d.Cells = 4),
                GivenExperiment.Start(),
                Reported(0),
                Reported(2, GivenExperiment.Rate("a", 9, 1))
            )
            .State;
        var cells = new CellConfiguration();
        cells.Follow(test);

        Assert.Equal([1, 3], cells.Urgent(test));
        Assert.Equal(0, cells.Next(test));
        cells.Confirm(0, metrics: 1);
        cells.Confirm(1, metrics: 1);
        Assert.Equal([3], cells.Urgent(test));
        Assert.Equal(2, cells.Next(test));
        cells.Confirm(2, metrics: 1);
        Assert.Null(cells.Next(test));
    }

    [Fact]
    public void A_metric_that_is_added_is_news_to_all_cells_at_once()
    {
        var core = GivenExperiment.Given(
            GivenExperiment.Create(d => d.Cells = 2),
            GivenExperiment.Start(),
            Reported(0, GivenExperiment.Rate("a", 9, 1)),
            Reported(1)
        );
        var cells = new CellConfiguration();
        cells.Follow(core.State);
        cells.Confirm(0, metrics: 1);
        var wider = GivenExperiment.Create(d =>
        {
            d.Cells = 2;
            d.Metrics.Add([new Metric { Name = "match" }, new Metric { Name = "likes" }]);
        });
        GivenExperiment.Then(
            core,
            new EditExperiment
            {
                Header = GivenExperiment.Header(),
                ExperimentId = "t",
                Definition = wider.Definition,
            }
        );
        var after = new CellConfiguration();
        after.Follow(core.State);
        cells.Follow(core.State);

        Assert.Equal([0, 1], cells.Urgent(core.State));
        // After a restart the report tells it, where there is one.
        Assert.Equal([0], after.Urgent(core.State));
        cells.Confirm(1, metrics: 1);
        Assert.Equal([0, 1], cells.Urgent(core.State));
    }

    [Fact]
    public void When_a_node_has_gone_all_cells_are_woken_one_by_one()
    {
        var test = GivenExperiment
            .Given(GivenExperiment.Create(d => d.Cells = 2), GivenExperiment.Start(), Reported(0), Reported(1))
            .State;
        var cells = new CellConfiguration();
        cells.Follow(test);
        cells.Confirm(0, metrics: 1);
        cells.Confirm(1, metrics: 1);
        Assert.Null(cells.Next(test));

        cells.WakeAgain();

        Assert.Empty(cells.Urgent(test));
        Assert.Equal(0, cells.Next(test));
        cells.Confirm(0, metrics: 1);
        Assert.Equal(1, cells.Next(test));
    }

    [Fact]
    public async Task A_test_that_outlives_a_node_wakes_its_cells_wherever_they_are_now()
    {
        var cells = CreateTestProbe();
        cells.SetAutoPilot(
            new DelegateAutoPilot(
                (from, _) =>
                {
                    from.Tell(new CommandReply { Outcome = CommandOutcome.Accepted });
                    return AutoPilot.KeepRunning;
                }
            )
        );
        ActorRegistry.TryRegister<AbCellRegion>(cells.Ref, overwrite: true);
        await using var other = await OtherNode.Join(Sys);
        await Registered("city");
        var create = GivenExperiment.Create(d => d.Cells = 3);
        create.ExperimentId = "w";
        await Accepted(create);
        await Accepted(new StartExperiment { Header = GivenExperiment.Header(), ExperimentId = "w" });
        for (var cell = 0; cell < 3; cell++)
        {
            var report = Reported(cell);
            report.ExperimentId = "w";
            await Accepted(report);
        }

        while (await cells.ReceiveOneAsync(TimeSpan.FromMilliseconds(500)) is not null)
        {
            // Until all have confirmed and nobody is told any more.
        }

        other.Down();

        var woken = new SortedSet<int>();
        while (woken.Count < 3)
        {
            woken.Add((await cells.ExpectMsgAsync<ConfigureCell>(Patience)).Cell);
        }
    }

    [Fact]
    public async Task A_cell_that_is_woken_reports_and_leaves_and_one_that_units_come_to_stays()
    {
        var (tests, shard) = (CreateTestProbe(), CreateTestProbe());
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        var cell = Cell(shard);
        cell.Tell(Configure(), ActorRefs.NoSender);
        await Acknowledge(tests);
        await shard.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        await cell.GracefulStop(Patience, StopEntity.Instance);

        cell = Cell(shard);
        cell.Tell(Configure(), ActorRefs.NoSender);
        await Acknowledge(tests);

        Assert.Same(StopEntity.Instance, (await shard.ExpectMsgAsync<Passivate>(Patience)).StopMessage);
    }

    [Fact]
    public async Task A_cell_that_moves_to_another_node_reports_before_it_goes()
    {
        var (tests, shard) = (CreateTestProbe(), CreateTestProbe());
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        var cell = Cell(shard, reportAfter: TimeSpan.FromHours(1));
        var configured = await cell.Ask<CommandReply>(Configure(), Patience);

        await cell.GracefulStop(Patience, StopEntity.Instance);

        Assert.Equal(CommandOutcome.Accepted, configured.Outcome);
        Assert.Equal(1, (await tests.ExpectMsgAsync<ReportCell>(Patience)).Revision);
    }

    private static async Task Acknowledge(TestProbe tests)
    {
        var report = await tests.ExpectMsgAsync<ReportCell>(Patience);
        tests.Reply(new CommandReply { CommandId = report.Header.CommandId, Outcome = CommandOutcome.Accepted });
    }

    private IActorRef Cell(TestProbe shard, TimeSpan? reportAfter = null)
    {
        var options = new AbTestingOptions { ReportAfter = reportAfter ?? TimeSpan.FromMilliseconds(10) };
        return shard.ChildActorOf(AbTestingHosting.Cell(options, ActorRegistry, TimeProvider.System)("w/0"));
    }

    private static ConfigureCell Configure() =>
        new()
        {
            Header = GivenExperiment.Header(),
            ExperimentId = "w",
            Arms = { "a", "b" },
            Metrics =
            {
                new Metric { Name = "match", Kind = MetricKind.Binary },
            },
        };

    /// <summary>A node that hosts experiments, as far as its cluster knows.</summary>
    private sealed class OtherNode : IAsyncDisposable
    {
        private readonly ActorSystem _first;
        private readonly ActorSystem _system;

        private OtherNode(ActorSystem first)
        {
            _first = first;
            _system = ActorSystem.Create(
                first.Name,
                ConfigurationFactory.ParseString(
                    $$"""
                    akka {
                      loglevel = OFF
                      stdout-loglevel = OFF
                      log-dead-letters = off
                      actor.provider = cluster
                      remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                      cluster {
                        roles = [{{Roles.AbTest}}]
                        configuration-compatibility-check.enforce-on-join = off
                      }
                    }
                    """
                )
            );
        }

        public static async Task<OtherNode> Join(ActorSystem first)
        {
            var node = new OtherNode(first);
            using var patience = new CancellationTokenSource(Patience);
            await Cluster.Get(node._system).JoinAsync(Cluster.Get(first).SelfAddress, patience.Token);
            return node;
        }

        /// <summary>As the split-brain resolver says of one that answers no more.</summary>
        public void Down() => Cluster.Get(_first).Down(Cluster.Get(_system).SelfAddress);

        public async ValueTask DisposeAsync() => await _system.Terminate();
    }

    private static ReportCell Reported(int cell, params ArmStatistics[] arms) => GivenExperiment.Report(cell, 1, arms);
}
