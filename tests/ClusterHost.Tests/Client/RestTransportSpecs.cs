using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Tests.Http;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Client;

public sealed class RestTransportSpecs(HttpNode node) : IClassFixture<HttpNode>
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("u-1")]
    [InlineData("a/b")]
    public async Task A_command_comes_back_with_its_reply(string user)
    {
        var answer = await Send(Interaction(user));

        var reply = Assert.IsType<CommandReply>(answer.ReplyOrThrow);
        Assert.Equal(("i-1", CommandOutcome.Accepted, 3), (reply.CommandId, reply.Outcome, reply.SequenceNr));
    }

    [Fact]
    public async Task A_query_comes_back_with_its_reply()
    {
        var answer = await Send(new GetUser { UserId = "u-1" });

        Assert.Equal(new UserReply { UserId = "u-1", SamplesAccepted = 7 }, answer.ReplyOrThrow);
    }

    [Fact]
    public async Task A_refusal_keeps_its_field_value_and_rule()
    {
        var answer = await Send(Interaction("conflict"));

        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.Conflict,
                Field = "label",
                Value = "2",
                Rule = "must be 0 to 1",
            },
            Refusal(answer)
        );
    }

    [Fact]
    public async Task What_does_not_exist_is_a_refusal() =>
        Assert.Equal(RejectionCode.NotFound, Refusal(await Send(new GetUser { UserId = "nobody" })).Code);

    [Theory]
    [InlineData("unavailable")]
    [InlineData("overloaded")]
    public async Task Nothing_is_known_when_the_service_asks_to_come_again(string user) =>
        Assert.IsType<Answer<IWireMessage>.Unavailable>(await Send(Interaction(user)));

    [Fact]
    public async Task Nothing_is_known_when_nobody_listens()
    {
        using var nobody = RestTransport.To(new Uri($"http://127.0.0.1:{LocalServer.FreePort()}"), "key", Attempt);

        Assert.IsType<Answer<IWireMessage>.Unavailable>(
            await nobody.Send(typeof(UserRegion), Interaction("u-1"), default)
        );
    }

    [Fact]
    public async Task A_wrong_key_is_an_error_and_not_repeated()
    {
        using var stranger = RestTransport.To(node.Node.Client.BaseAddress!, "not-the-key-of-this", Attempt);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            stranger.Send(typeof(UserRegion), Interaction("u-1"), default)
        );
        Assert.Contains("401", error.Message, StringComparison.Ordinal);
    }

    private static RecordInteraction Interaction(string user) =>
        new()
        {
            Header = new CommandHeader { CommandId = "i-1" },
            UserId = user,
            CandidateId = "c-1",
            Label = 1,
        };

    private static Rejection Refusal(Answer<IWireMessage> answer) =>
        Assert.IsType<Answer<IWireMessage>.Refused>(answer).Rejection;

    private async Task<Answer<IWireMessage>> Send(IWireMessage message)
    {
        using var transport = RestTransport.To(node.Node.Client.BaseAddress!, TestNode.Key, Attempt);
        return await transport.Send(typeof(UserRegion), message, TestContext.Current.CancellationToken);
    }
}
