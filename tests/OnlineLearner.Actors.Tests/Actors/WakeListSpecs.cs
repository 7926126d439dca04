using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.OnlineLearner.Actors;
using RalmActors.OnlineLearner.Domain;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.OnlineLearner.Actors.Tests.Actors.OnlineLearningSpecs;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>Whoever may hold samples is on the list of those to be woken, and nobody stays on it for nothing.</summary>
public sealed class WakeListSpecs : IDisposable
{
    private readonly Disk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Users_with_nothing_left_leave_the_list_of_those_to_be_woken()
    {
        await using var node = await LearningNode.Start(_disk);
        await node.Open(Open("champion"));
        await Pause(true);
        await Record(node, users: 4, each: 2);
        Assert.Equal(4, await node.Listed());

        await Pause(false);
        await Record(node, users: 4, each: 4);
        await NothingPending(node, users: 4);
        await Eventually.Is(async () => await node.Listed() == 0, "the list is empty");

        // And come back to it.
        await Record(node, users: 4, each: 8);
        await NothingPending(node, users: 4);
        Assert.Equal(Ids(users: 4, each: 8), Learned(_disk, "champion"));

        Task Pause(bool paused) =>
            node.Accepted<LineageRegion>(
                new TuneLineage
                {
                    Header = new CommandHeader { CommandId = $"pause-{paused}" },
                    LineageId = "champion",
                    Paused = paused,
                }
            );
    }

    [Fact]
    public async Task A_user_woken_while_it_asks_which_lineages_there_are_stays_listed()
    {
        await using (var node = await LearningNode.Start(_disk))
        {
            var held = new HeldFinder.Gate(node.Region<LineageFinderKey>());
            node.Replace<LineageFinderKey>(node.System.ActorOf(Props.Create(() => new HeldFinder(held))));
            var users = node.Region<UserRegion>();
            var accepted = users.Ask<CommandReply>(Given.Interaction("like", "fan", "star"), Waiting.Patience);
            await held.IsAsked;
            // Nobody is told before the kill.
            node.Replace<UserRegion>(node.System.DeadLetters);

            users.Tell(new WakeUser { UserId = "fan", RegistrationId = TicketOf("fan") });
            // Its answer says that it has been woken, too.
            await users.Ask<NotFoundReply>(new GetUser { UserId = "fan" }, Waiting.Patience);
            await node.Accepted<PendingUsersRegion>(Enlist("somebody", PendingUsersState.BucketOf("fan")));
            held.Open();
            Assert.Equal(CommandOutcome.Accepted, (await accepted).Outcome);
            await node.Kill();
        }

        await using var next = await LearningNode.Start(_disk);
        await Eventually.Is(
            async () => (await next.Audience("star")).Version == 1,
            "the user is woken and tells the candidate"
        );
    }

    /// <summary>A bucket writes in order: what came before is journaled when this is accepted.</summary>
    private static RegisterForWake Enlist(string userId, string bucketId) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"ticket:{userId}" },
            BucketId = bucketId,
            UserId = userId,
        };

    private string TicketOf(string userId) =>
        _disk
            .Journal($"{RegionNames.PendingUsers}-{PendingUsersState.BucketOf(userId)}")
            .OfType<PendingUsersChanged>()
            .SelectMany(e => e.Enlisted)
            .Last(e => e.UserId == userId)
            .RegistrationId;

    /// <summary>Keeps what it is asked until it is let through; then the node's own finder answers.</summary>
    private sealed class HeldFinder : ReceiveActor
    {
        public HeldFinder(Gate gate) =>
            ReceiveAny(question =>
            {
                var sender = Sender;
                gate.Asked(() => gate.Finder.Tell(question, sender));
            });

        public sealed class Gate(IActorRef finder)
        {
            private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public IActorRef Finder => finder;

            public Task IsAsked => _asked.Task.WaitAsync(Waiting.Patience);

            public void Asked(Action letThrough)
            {
                _ = _open.Task.ContinueWith(_ => letThrough(), TaskScheduler.Default);
                _asked.TrySetResult();
            }

            public void Open() => _open.SetResult();
        }
    }
}
