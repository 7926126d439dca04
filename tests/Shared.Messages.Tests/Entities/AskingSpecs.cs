using Akka.Actor;
using Akka.TestKit.Xunit;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>A question has four answers, and no two of them fall together.</summary>
public sealed class AskingSpecs : TestKit
{
    private static readonly UnreadableEntity Unreadable = new()
    {
        Region = "registry",
        EntityId = "city",
        Reason = "torn",
    };

    [Fact]
    public async Task A_reply_is_given()
    {
        var answer = await Answer(new RegistryReply { Family = "city" });

        Assert.Equal("city", Assert.IsType<Answer<RegistryReply>.Given>(answer).Reply.Family);
        Assert.Equal("city", answer.ReplyOrThrow.Family);
    }

    [Fact]
    public async Task What_does_not_exist_is_none_and_no_error()
    {
        var answer = await Answer(new NotFoundReply { Region = "registry", EntityId = "city" });

        Assert.Equal("city", Assert.IsType<Answer<RegistryReply>.NotFound>(answer).Missing.EntityId);
        Assert.Null(answer.ReplyOrNone);
        Assert.Contains("city", Assert.Throws<UnansweredException>(() => answer.ReplyOrThrow).Message);
    }

    [Fact]
    public async Task A_refusal_is_told_whatever_reply_carries_it()
    {
        var bad = Rejections.Conflict("version_id", "v-1", "is taken");

        var ofCommand = await Answer(new CommandReply { Outcome = CommandOutcome.Rejected, Rejection = bad });
        var ofQuery = Asking.Read<VersionCheckReply>(new VersionCheckReply { Rejection = bad });

        Assert.Equal(bad, Assert.IsType<Answer<RegistryReply>.Refused>(ofCommand).Rejection);
        Assert.Equal(bad, Assert.IsType<Answer<VersionCheckReply>.Refused>(ofQuery).Rejection);
        var thrown = Assert.Throws<UnansweredException>(() => ofCommand.ReplyOrNone).Message;
        Assert.All(["version_id", "v-1", "is taken"], part => Assert.Contains(part, thrown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entity_that_cannot_be_read_is_unavailable_and_named()
    {
        var answer = await Answer(new CommandReply { Outcome = CommandOutcome.Unavailable, Unreadable = Unreadable });

        var unavailable = Assert.IsType<Answer<RegistryReply>.Unavailable>(answer);
        Assert.Equal(("registry/city cannot be read: torn", Unreadable), (unavailable.Why, unavailable.Unreadable));
        Assert.Throws<UnansweredException>(() => answer.ReplyOrNone);
    }

    [Fact]
    public async Task Every_answer_can_be_said_in_words()
    {
        var missing = await Answer(new NotFoundReply { Region = "registry", EntityId = "city" });
        var refused = await Answer(
            new CommandReply { Rejection = Rejections.Conflict("version_id", "v-1", "is taken") }
        );
        var unavailable = await Answer(new CommandReply { Outcome = CommandOutcome.Unavailable });

        Assert.Contains("city", (await Answer(new RegistryReply { Family = "city" })).ToString());
        Assert.Equal("city does not exist", missing.ToString());
        Assert.Equal("refused: version_id v-1 is taken", refused.ToString());
        Assert.Equal("not known whether it is in the journal", unavailable.ToString());
    }

    [Fact]
    public async Task Silence_and_strangers_are_unavailable_and_never_none()
    {
        var silence = await CreateTestProbe()
            .Ref.AskFor<RegistryReply>(new GetRegistry(), TimeSpan.FromMilliseconds(50));
        var stranger = await Answer(new RegistryReply(), new VersionCheckReply());

        Assert.Contains("no answer within 0.05 s", Assert.IsType<Answer<RegistryReply>.Unavailable>(silence).Why);
        Assert.Contains("RegistryReply", Assert.IsType<Answer<VersionCheckReply>.Unavailable>(stranger).Why);
    }

    [Fact]
    public async Task A_question_may_be_given_up()
    {
        using var cancel = new CancellationTokenSource();
        var asked = CreateTestProbe()
            .Ref.AskFor<RegistryReply>(new GetRegistry(), TimeSpan.FromMinutes(1), cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    private Task<Answer<RegistryReply>> Answer(IWireMessage reply) => Answer(reply, new RegistryReply());

    /// <param name="wants">Says the type alone.</param>
    private Task<Answer<T>> Answer<T>(IWireMessage reply, T wants)
        where T : class, IWireMessage
    {
        var entity = Sys.ActorOf(Props.Create(() => new Entity(reply)));
        return entity.AskFor<T>(new GetRegistry { Family = "city" }, TimeSpan.FromSeconds(60));
    }

    private sealed class Entity : ReceiveActor
    {
        public Entity(IWireMessage reply) => ReceiveAny(_ => Sender.Tell(reply));
    }
}
