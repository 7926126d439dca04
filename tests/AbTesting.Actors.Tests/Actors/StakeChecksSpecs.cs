using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>What is at stake is found out in order, and whoever cannot say is an answer too.</summary>
public sealed class StakeChecksSpecs : PromotionTestKit
{
    [Theory]
    [InlineData(CommandOutcome.Unavailable)]
    [InlineData(CommandOutcome.Rejected)]
    public async Task A_family_that_does_not_give_the_units_leaves_no_command_without_an_end(CommandOutcome outcome)
    {
        var bad = outcome == CommandOutcome.Rejected ? Rejections.Conflict("layer", "l", "is taken") : null;
        var family = Sys.ActorOf(
            Props.Create(() => new Answering(new CommandReply { Outcome = outcome, Rejection = bad }))
        );
        var regions = new ActorRegistry();
        regions.Register<AbTrafficRegion>(family);
        var traffic = new TrafficShare("t", regions, TestActor);
        var checks = new StakeChecks((_, _, _) => Task.FromResult<Rejection?>(null), traffic, TestActor);
        var (experiment, start) = (GivenExperiment.Given(GivenExperiment.Create()).State, GivenExperiment.Start());
        bool Begin(Found found) =>
            checks.Begin(experiment, experiment.Decide(start, GivenExperiment.Now), start, ActorRefs.Nobody, found);

        Assert.True(Begin(Found.Nothing));
        var arms = await ExpectMsgAsync<StakeChecked>(Patience);
        checks.End(arms);
        Assert.True(Begin(arms.Found));
        Assert.True(traffic.IsClaiming);
        var units = await ExpectMsgAsync<StakeChecked>(Patience);
        checks.End(units);

        Assert.Equal(bad, units.Bad);
        Assert.Equal(bad is null, units.Cause is UnansweredException);
        Assert.False(traffic.IsClaiming || checks.AreUnderWay);
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering(CommandReply reply) => ReceiveAny(_ => Sender.Tell(reply));
    }
}
