using Akka.Actor;
using Akka.TestKit;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using RalmActors.AbTesting.Actors.Tests.Domain.Cells;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>A cell reports again when time alone has let units in.</summary>
public sealed class MaturedCellSpecs : PromotionTestKit
{
    private readonly FakeTimeProvider _clock = new(GivenCell.Now);

    [Fact]
    public async Task Units_whose_time_is_over_are_reported_without_any_event_also_by_a_cell_that_had_left()
    {
        var tests = CreateTestProbe();
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        var cell = Cell();
        await Told(cell, Configure());
        await Told(cell, Exposed());
        // Timers of the kit run by themselves: a minute goes by before the cell sets one.
        var first = await Until(tests, r => r.Revision == 2, () => _clock.Advance(TimeSpan.FromSeconds(61)));
        Assert.Equal((0L, 1L), (first.Arms[0].Units, first.Arms[0].Waiting));
        Assert.Equal(GivenCell.Now.ToUnixTimeSeconds(), first.MaturedUntil);
        Assert.Equal(first.MaturedUntil + 61, first.NextMaturesAt);

        var second = await Until(tests, r => r.Arms[0].Units == 1);
        Assert.Equal((2L, 0L, 0L), (second.Revision, second.Arms[0].Waiting, second.NextMaturesAt));

        await cell.GracefulStop(Patience, StopEntity.Instance);
        cell = Cell();
        cell.Tell(Configure(), ActorRefs.NoSender);
        Assert.Equal(1, (await Until(tests, r => r.Revision == 2)).Arms[0].Units);
    }

    [Fact]
    public async Task A_cell_on_a_node_whose_clock_is_behind_reports_as_far_as_it_was_reported()
    {
        var tests = CreateTestProbe();
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        var cell = Cell();
        await Told(cell, Configure());
        await Told(cell, Exposed());
        var ahead = GivenCell.Now.ToUnixTimeSeconds() + 100;
        var report = await tests.ExpectMsgAsync<ReportCell>(Patience);
        tests.Reply(
            new CommandReply
            {
                CommandId = report.Header.CommandId,
                Outcome = CommandOutcome.Rejected,
                Rejection = Rejections.Conflict("matured_until", ahead, "was reported before"),
            }
        );

        var again = await Until(tests, r => r.MaturedUntil == ahead);

        Assert.Equal(1, again.Arms[0].Units);
    }

    private static async Task<ReportCell> Until(
        TestProbe tests,
        Predicate<ReportCell> holds,
        Action? beforeReply = null
    )
    {
        while (true)
        {
            var report = await tests.ExpectMsgAsync<ReportCell>(Patience);
            var isIt = report.Arms.Count > 0 && holds(report);
            if (isIt)
            {
                beforeReply?.Invoke();
            }

            tests.Reply(new CommandReply { CommandId = report.Header.CommandId, Outcome = CommandOutcome.Accepted });
            if (isIt)
            {
                return report;
            }
        }
    }

    private IActorRef Cell()
    {
        var soon = TimeSpan.FromMilliseconds(10);
        var options = new AbTestingOptions { ReportAfter = soon, ReportMaturedAfter = soon };
        return Sys.ActorOf(AbTestingHosting.Cell(options, ActorRegistry, _clock)("m/0"));
    }

    private static async Task Told(IActorRef cell, ICommand command)
    {
        var reply = await cell.Ask<CommandReply>(command, Patience);
        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
    }

    private static ConfigureCell Configure() =>
        new()
        {
            Header = GivenExperiment.Header(),
            ExperimentId = "m",
            Arms = { "a", "b" },
            Metrics =
            {
                new Metric
                {
                    Name = "match",
                    Kind = MetricKind.Binary,
                    WindowSeconds = 60,
                },
            },
        };

    private static RecordExposure Exposed()
    {
        var exposure = GivenCell.Expose("ann", "a");
        exposure.ExperimentId = "m";
        exposure.OccurredAt = Timestamp.FromDateTimeOffset(GivenCell.Now);
        return exposure;
    }
}
