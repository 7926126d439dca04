using Akka.Actor;
using Akka.Hosting.TestKit;
using Akka.TestKit;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>A lineage starts from a version that is there. The spec plays the registry.</summary>
public sealed class LineageOpeningSpecs : PersistenceTestKit
{
    private static readonly LineageOptions Options = new() { VersionSilence = TimeSpan.FromSeconds(5) };

    private TestProbe Registry => field ??= CreateTestProbe();

    private IActorRef Lineage => field ??= Start();

    [Fact]
    public async Task A_version_that_is_not_there_is_refused_in_the_registrys_words()
    {
        var opening = Ask(Given.Open());
        var asked = await Registry.ExpectMsgAsync<CheckVersion>(Waiting.Patience);
        Assert.Equal(("match", "v1"), (asked.Family, asked.VersionId));
        var rejection = Rejections.NotFound("version_id", "v1", "must be a registered version");
        Registry.Reply(new VersionCheckReply { Family = "match", Rejection = rejection });

        var reply = await opening;

        Assert.Equal((CommandOutcome.Rejected, rejection), (reply.Outcome, reply.Rejection));
        Assert.IsType<NotFoundReply>(await State());
    }

    [Fact]
    public async Task Another_base_than_the_versions_is_a_conflict_by_field()
    {
        var opening = Ask(Given.Open());
        await Answer(Given.Artifact(2));

        var rejection = (await opening).Rejection;

        Assert.Equal(
            (RejectionCode.Conflict, "base.hash", Given.Artifact(1).Hash),
            (rejection.Code, rejection.Field, rejection.Value)
        );
        Assert.EndsWith(Given.Artifact(2).Hash, rejection.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_left_out_is_the_versions_and_what_is_open_is_not_asked_for_again()
    {
        var open = Given.Open();
        open.Base = null;
        var opening = Ask(open);
        await Answer(Given.Artifact(7));
        Assert.Equal(CommandOutcome.Accepted, (await opening).Outcome);

        Assert.Equal(Given.Artifact(7), ((LineageReply)await State()).Base);
        Assert.Equal(CommandOutcome.Duplicate, (await Ask(open)).Outcome);
        open.Header.CommandId = "again";
        Assert.Equal(CommandOutcome.Accepted, (await Ask(open)).Outcome);
        open.Header.CommandId = "other";
        open.BatchSize = 9;
        Assert.Equal(RejectionCode.Conflict, (await Ask(open)).Rejection.Code);
    }

    [Fact]
    public async Task A_registry_that_cannot_say_is_not_guessed_at()
    {
        var opening = Ask(Given.Open());
        await Registry.ExpectMsgAsync<CheckVersion>(Waiting.Patience);
        Registry.Reply(
            new VersionCheckReply { Rejection = Rejections.NotAvailable("version_id", "v1", "is not known") }
        );
        Assert.Equal(CommandOutcome.Unavailable, (await opening).Outcome);

        opening = Ask(Given.Open());
        await Answer(Given.Artifact(1));
        Assert.Equal(CommandOutcome.Accepted, (await opening).Outcome);
    }

    private async Task Answer(ArtifactRef artifact)
    {
        await Registry.ExpectMsgAsync<CheckVersion>(Waiting.Patience);
        Registry.Reply(
            new VersionCheckReply
            {
                Family = "match",
                Version = new ModelVersion { VersionId = "v1", Artifact = artifact },
            }
        );
    }

    private Task<CommandReply> Ask(OpenLineage c) => Lineage.Ask<CommandReply>(c.Clone(), Waiting.Patience);

    private Task<object> State() => Lineage.Ask<object>(new GetLineage { LineageId = "champion" }, Waiting.Patience);

    private IActorRef Start()
    {
        ActorRegistry.TryRegister<RegistryRegion>(Registry.Ref, overwrite: true);
        var (trainer, regions) = (CreateTestProbe().Ref, ActorRegistry);
        return Sys.ActorOf(
            Props.Create(() =>
                new LineageActor(
                    "champion",
                    Options,
                    TimeProvider.System,
                    trainer,
                    ActorRefs.Nobody,
                    regions,
                    _ => Akka.Streams.Dsl.Source.Empty<IEvent>()
                )
            )
        );
    }
}
