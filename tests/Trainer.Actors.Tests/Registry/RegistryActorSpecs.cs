using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting.TestKit;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
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
                    new RegistryActor("match", new EntityOptions(), TimeProvider.System, topics.Ref, AllThere)
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
}
