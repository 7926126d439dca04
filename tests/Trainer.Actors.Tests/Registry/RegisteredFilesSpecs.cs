using Akka.Actor;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Registry;

/// <summary>What the registry accepts rests on files that are there; the spec says which are.</summary>
public sealed class RegisteredFilesSpecs : PersistenceTestKit
{
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private bool _isUnknown;

    private IActorRef Registry => field ??= Start();

    [Fact]
    public async Task A_version_whose_file_nobody_has_is_refused_by_field_and_a_later_repetition_is_accepted()
    {
        var register = Versions.Register("v1");
        _gone.Add(register.Artifact.Hash);

        Refused(RejectionCode.NotFound, "artifact", await Ask(register));
        Assert.IsType<NotFoundReply>(
            await Registry.Ask<object>(new GetRegistry { Family = "match" }, Waiting.Patience)
        );

        _gone.Clear();
        Assert.Equal(CommandOutcome.Accepted, (await Ask(register)).Outcome);
    }

    [Theory]
    [InlineData(Stage.Shadow)]
    [InlineData(Stage.Canary)]
    [InlineData(Stage.Champion)]
    public async Task A_version_whose_file_has_gone_does_not_come_to_serve_and_the_champion_stays(Stage stage)
    {
        await Ask(Versions.Register("v1", artifact: 1));
        await Ask(Versions.Register("v2", artifact: 2));
        await Ask(Versions.Set("v1", Stage.Champion));
        _gone.Add(Versions.Register("v2", artifact: 2).Artifact.Hash);

        var reply = await Ask(Versions.Set("v2", stage));

        Refused(RejectionCode.NotFound, "version_id", reply);
        Assert.Equal("v2", reply.Rejection.Value);
        Assert.Equal("v1", (await Family()).ChampionVersionId);
        // Whatever serves nobody needs no file.
        Assert.Equal(CommandOutcome.Accepted, (await Ask(Versions.Set("v2", Stage.Retired))).Outcome);
    }

    [Fact]
    public async Task What_is_known_already_is_answered_without_its_file()
    {
        var register = Versions.Register("v1");
        await Ask(register);
        _gone.Add(register.Artifact.Hash);

        Assert.Equal(CommandOutcome.Duplicate, (await Ask(register)).Outcome);
        Assert.Equal(CommandOutcome.Accepted, (await Ask(Versions.Register("v1", commandId: "again"))).Outcome);
    }

    [Fact]
    public async Task An_evaluation_that_nobody_has_is_not_recorded()
    {
        await Ask(Versions.Register("v1"));
        var judged = Versions.Judged("v1");
        _gone.Add(judged.Evaluation.Hash);

        Refused(RejectionCode.NotFound, "evaluation", await Ask(judged));
        var registered = Versions.Register("v2");
        registered.Evaluation = judged.Evaluation;
        Refused(RejectionCode.NotFound, "evaluation", await Ask(registered));
    }

    [Fact]
    public async Task What_cannot_be_found_out_is_not_guessed_at()
    {
        _isUnknown = true;
        Assert.Equal(CommandOutcome.Unavailable, (await Ask(Versions.Register("v1"))).Outcome);

        _isUnknown = false;
        Assert.Equal(CommandOutcome.Accepted, (await Ask(Versions.Register("v1"))).Outcome);
        _isUnknown = true;
        Assert.Equal(RejectionCode.NotAvailable, (await Check("v1")).Rejection.Code);
    }

    [Fact]
    public async Task Whoever_wants_to_show_a_version_hears_whether_it_may()
    {
        await Ask(Versions.Register("v1", artifact: 1));
        await Ask(Versions.Register("v2", artifact: 2));
        await Ask(Versions.Set("v2", Stage.Retired));
        await Ask(Versions.Release("v2"));

        Assert.Equal(Versions.Register("v1", artifact: 1).Artifact, (await Check("v1")).Version.Artifact);
        Assert.Null((await Check("v1")).Rejection);
        Assert.Equal(RejectionCode.Conflict, (await Check("v2")).Rejection.Code);
        Assert.Equal(RejectionCode.NotFound, (await Check("v3")).Rejection.Code);
        _gone.Add(Versions.Register("v1", artifact: 1).Artifact.Hash);
        var gone = (await Check("v1")).Rejection;
        Assert.Equal((RejectionCode.NotFound, "version_id", "v1"), (gone.Code, gone.Field, gone.Value));
    }

    private IActorRef Start()
    {
        var topics = CreateTestProbe().Ref;
        ArtifactCheck check = (field, reference) => Check(field, reference);
        return Sys.ActorOf(
            Props.Create(() =>
                new RegistryActor(
                    "match",
                    new EntityOptions(),
                    TimeProvider.System,
                    topics,
                    check,
                    ActorRegistry.For(Sys)
                )
            )
        );
    }

    private Task<Rejection?> Check(string field, IMessage reference)
    {
        var hash = reference switch
        {
            VersionRegistered version => version.Artifact.Hash,
            ArtifactRef model => model.Hash,
            _ => ((EvaluationRef)reference).Hash,
        };
        return _isUnknown
            ? Task.FromException<Rejection?>(new IOException("no answer"))
            : Task.FromResult(_gone.Contains(hash) ? Rejections.NotFound(field, hash, "must be there") : null);
    }

    private Task<CommandReply> Ask(ICommand command) => Registry.Ask<CommandReply>(command, Waiting.Patience);

    private Task<RegistryReply> Family() =>
        Registry.Ask<RegistryReply>(new GetRegistry { Family = "match" }, Waiting.Patience);

    private Task<VersionCheckReply> Check(string version) =>
        Registry.Ask<VersionCheckReply>(new CheckVersion { Family = "match", VersionId = version }, Waiting.Patience);

    private static void Refused(RejectionCode code, string field, CommandReply reply) =>
        Assert.Equal(
            (CommandOutcome.Rejected, code, field),
            (reply.Outcome, reply.Rejection?.Code ?? default, reply.Rejection?.Field ?? "")
        );
}
