using RalmActors.Scorer.Domain.Seeds;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class PendingRequestsSpecs
{
    private readonly PendingRequests<Request> _room = new(most: 2);

    [Fact]
    public void A_request_waits_for_everyone_it_lacks()
    {
        var (one, two) = (new Request(), new Request());
        Assert.True(_room.Enter(one, ["a", "b"]));
        Assert.True(_room.Enter(two, ["b", "b"]));

        Assert.Empty(_room.Arrived("a"));
        Assert.Equal([one, two], _room.Arrived("b"));
        Assert.Empty(_room.Waiting);
    }

    [Fact]
    public void One_that_lacks_nobody_does_not_wait() => Assert.False(_room.Enter(new Request(), []));

    [Fact]
    public void Without_room_nobody_waits_until_someone_has_left()
    {
        var first = new Request();
        _room.Enter(first, ["a"]);
        _room.Enter(new Request(), ["a"]);

        Assert.False(_room.Enter(new Request(), ["a"]));
        _room.Leave(first);
        Assert.True(_room.Enter(new Request(), ["a"]));
    }

    [Fact]
    public void Whoever_leaves_says_whom_it_lacked_and_is_not_called_again()
    {
        var request = new Request();
        _room.Enter(request, ["a", "b"]);
        _room.Arrived("a");

        Assert.Equal(["b"], _room.Leave(request));
        Assert.Null(_room.Leave(request));
        Assert.Empty(_room.Arrived("b"));
    }

    private sealed class Request;
}
