using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Registry;

public sealed class RegistryActorSpecs : PersistenceTestKit
{
    private static readonly ArtifactCheck AllThere = (_, _) => Task.FromResult<Rejection?>(null);

    [Fact]
    public async Task What_serves_is_said_after_every_change_and_again_after_a_restart()
    {
        var topics = CreateTestProbe();
        IActorRef Start() =>
            Sys.ActorOf(
                Props.Create(() =>
                    new RegistryActor(
                        "match",
                        new EntityOptions(),
                        TimeProvider.System,
                        topics.Ref,
                        AllThere,
                        ActorRegistry.For(Sys)
                    )
                )
            );
        async Task<RegistryReply> Said() => (RegistryReply)(await topics.ExpectMsgAsync<Publish>()).Message;

        var registry = Start();
        registry.Tell(Versions.Register("v1"), TestActor);
        Assert.Equal("", (await Said()).ChampionVersionId);
        registry.Tell(Versions.Set("v1", Stage.Champion), TestActor);
        var said = await Said();
        Assert.Equal("v1", said.ChampionVersionId);
        await registry.GracefulStop(TimeSpan.FromSeconds(10), StopEntity.Instance);

        Start();

        Assert.Equal(said, await Said());
    }

    /// <summary>Whatever becomes of the message: it is said again until it has arrived.</summary>
    [Fact]
    public async Task Seeds_of_a_version_that_begins_to_serve_are_loaded_and_again_after_a_restart()
    {
        var (topics, loads) = (CreateTestProbe(), CreateTestProbe());
        ActorRegistry.For(Sys).Register<SeedLoadRegion>(loads.Ref);
        var seeds = new string('5', 64);
        IActorRef Start() =>
            Sys.ActorOf(
                Props.Create(() =>
                    new RegistryActor(
                        "match",
                        new EntityOptions(),
                        TimeProvider.System,
                        topics.Ref,
                        AllThere,
                        ActorRegistry.For(Sys)
                    )
                )
            );
        var registry = Start();
        var register = Versions.Register("v1");
        register.Artifact.SeedsHash = seeds;
        Assert.Equal(CommandOutcome.Accepted, (await registry.Ask<CommandReply>(register, Waiting.Patience)).Outcome);
        await loads.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));

        registry.Tell(Versions.Set("v1", Stage.Shadow), TestActor);
        var load = await loads.ExpectMsgAsync<LoadSeeds>(Waiting.Patience);
        Assert.Equal((seeds, "match", "v1"), (load.SeedsHash, load.Family, load.VersionId));
        loads.Reply(new CommandReply { CommandId = load.Header.CommandId, Outcome = CommandOutcome.Unavailable });
        // Not at once, and again and again: that would be a storm on a database that is gone.
        await loads.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        await loads.ExpectMsgAsync<LoadSeeds>(Waiting.Patience);
        loads.Reply(new CommandReply { CommandId = load.Header.CommandId, Outcome = CommandOutcome.Accepted });
        await registry.GracefulStop(TimeSpan.FromSeconds(10), StopEntity.Instance);

        registry = Start();
        Assert.Equal(load, await loads.ExpectMsgAsync<LoadSeeds>(Waiting.Patience));
        var asked = registry.Ask<ReadinessReply>(
            new GetReadiness { Family = "match", VersionId = "v1" },
            Waiting.Patience
        );
        await loads.FishForMessageAsync<GetSeedLoad>(_ => true, Waiting.Patience);
        loads.Reply(
            new SeedLoadReply
            {
                SeedsHash = seeds,
                AudiencesLoaded = 2,
                Audiences = 5,
            }
        );

        var readiness = await asked;
        Assert.Equal(
            (false, "seeds are being loaded: 2 of 5 audiences"),
            (readiness.Ready, readiness.Reasons.Single())
        );
    }
}
