using Akka.Actor;
using Akka.TestKit;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>Every node sends evidence to its cell; what it does not know it asks the test, once for all.</summary>
public sealed class EvidenceRouterSpecs : PromotionTestKit
{
    private static readonly RunningExperiment Running = GivenExperiment
        .Given(GivenExperiment.Create(d => d.Ramp.Add([100, 10_000])), GivenExperiment.Start())
        .State.Running!;

    private TestProbe _tests = null!;
    private TestProbe _cells = null!;

    [Fact]
    public async Task A_unit_goes_to_the_cell_of_its_hash_with_the_test_as_the_node_knows_it()
    {
        var (router, unit) = (Router(), Unit(takesPart: true));
        router.Tell(Running);
        router.Tell(Exposed(unit), TestActor);

        var routed = await _cells.ExpectMsgAsync<RecordExposure>(Patience);
        _cells.Reply(new CommandReply { CommandId = "from the cell" });

        Assert.Equal(new Assignment(Running).Assign(unit).Cell, routed.Cell);
        Assert.Equal(Running, routed.Test);
        Assert.Equal("from the cell", (await ExpectMsgAsync<CommandReply>(Patience)).CommandId);
        await _tests.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_test_that_is_new_to_the_node_is_asked_once_for_all_who_wait()
    {
        var (router, unit) = (Router(), Unit(takesPart: true));
        router.Tell(Exposed(unit), TestActor);
        router.Tell(
            new RecordOutcome
            {
                Header = GivenExperiment.Header(),
                ExperimentId = "t",
                Unit = unit,
            },
            TestActor
        );

        await _tests.ExpectMsgAsync<GetRunningExperiment>(Patience);
        _tests.Reply(Running);

        await _cells.ExpectMsgAsync<RecordExposure>(Patience);
        await _cells.ExpectMsgAsync<RecordOutcome>(Patience);
        await _tests.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_test_that_nobody_created_is_not_found_by_its_field()
    {
        var router = Router();
        router.Tell(Exposed("u"), TestActor);
        await _tests.ExpectMsgAsync<GetRunningExperiment>(Patience);
        _tests.Reply(new NotFoundReply { Region = RegionNames.AbTest, EntityId = "t" });

        var refused = (await ExpectMsgAsync<CommandReply>(Patience)).Rejection;

        Assert.Equal((RejectionCode.NotFound, "experiment_id", "t"), (refused.Code, refused.Field, refused.Value));
    }

    [Fact]
    public async Task A_phase_that_the_node_has_not_heard_of_lets_a_unit_in_all_the_same()
    {
        var (router, unit) = (Router(), Unit(takesPart: false));
        router.Tell(Running);
        router.Tell(Exposed(unit), TestActor);
        await _tests.ExpectMsgAsync<GetRunningExperiment>(Patience);
        var next = Running.Clone();
        (next.Revision, next.Exposure) = (Running.Revision + 1, Assignment.Buckets);
        _tests.Reply(next);

        Assert.Equal(next, (await _cells.ExpectMsgAsync<RecordExposure>(Patience)).Test);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(999_999)]
    public async Task A_cell_that_is_not_the_units_is_refused(int cell)
    {
        var (router, exposure) = (Router(), Exposed(Unit(takesPart: true)));
        router.Tell(Running);
        exposure.Cell = cell;
        router.Tell(exposure, TestActor);

        var refused = (await ExpectMsgAsync<CommandReply>(Patience)).Rejection;

        Assert.Equal((RejectionCode.Invalid, "cell", $"{cell}"), (refused.Code, refused.Field, refused.Value));
    }

    [Fact]
    public async Task What_only_the_service_knows_is_refused_from_a_sender()
    {
        var (router, exposure) = (Router(), Exposed(Unit(takesPart: true)));
        exposure.Test = Running;
        router.Tell(exposure, TestActor);

        Assert.Equal("test", (await ExpectMsgAsync<CommandReply>(Patience)).Rejection.Field);
    }

    [Fact]
    public async Task Where_the_test_keeps_silent_it_is_to_be_sent_again()
    {
        var router = Router(TimeSpan.FromMilliseconds(50));
        router.Tell(Exposed("u"), TestActor);

        Assert.Equal(CommandOutcome.Unavailable, (await ExpectMsgAsync<CommandReply>(Patience)).Outcome);
    }

    private IActorRef Router(TimeSpan? deadline = null)
    {
        (_tests, _cells) = (CreateTestProbe(), CreateTestProbe());
        ActorRegistry.TryRegister<AbTestRegion>(_tests.Ref, overwrite: true);
        ActorRegistry.TryRegister<AbCellRegion>(_cells.Ref, overwrite: true);
        var options = new AbTestingOptions { AnswerWithin = deadline ?? Patience };
        return Sys.ActorOf(AbTestingHosting.Evidence(Sys, options, ActorRegistry));
    }

    private static string Unit(bool takesPart) =>
        Enumerable
            .Range(0, 10_000)
            .Select(u => $"u-{u}")
            .First(u => new Assignment(Running).Assign(u).TakesPart == takesPart);

    private static RecordExposure Exposed(string unit) =>
        new()
        {
            Header = GivenExperiment.Header(),
            ExperimentId = "t",
            Unit = unit,
        };
}
