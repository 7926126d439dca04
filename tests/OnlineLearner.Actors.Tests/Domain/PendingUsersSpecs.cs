using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Actors;
using RalmActors.OnlineLearner.Domain;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class PendingUsersSpecs
{
    [Fact]
    public void A_bucket_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<PendingUsersState>(
            "7",
            (random, state, nr) =>
                random.Next(2) == 0 ? Enlist($"u-{random.Next(4)}", $"t-{nr}") : Delist(random, state)
        ).Check();

    [Fact]
    public void Only_the_ticket_listed_delists()
    {
        var state = After(Enlist("u-1", "old"), Enlist("u-1", "new"));

        Assert.Equal(Decision.Nothing, state.Decide(Delist("u-1", "old"), DateTimeOffset.UnixEpoch));
        Assert.Empty(After(Enlist("u-1", "old"), Enlist("u-1", "new"), Delist("u-1", "new")).Tickets);
    }

    [Fact]
    public void All_that_came_in_meanwhile_is_one_event()
    {
        var state = After(Enlist("u-1", "t-1"), Enlist("u-2", "t-2"));

        var decision = state.Decide([
            Delist("u-1", "t-1"),
            Enlist("u-3", "t-3"),
            Delist("u-2", "t-2"),
            Enlist("u-2", "t-4"),
        ]);

        Assert.Equal(
            new PendingUsersChanged
            {
                Enlisted =
                {
                    new Enlistment { UserId = "u-2", RegistrationId = "t-4" },
                    new Enlistment { UserId = "u-3", RegistrationId = "t-3" },
                },
                DelistedUserIds = { "u-1" },
            },
            Assert.Single(decision.Events)
        );
    }

    [Fact]
    public void A_user_gives_its_place_back_only_when_nothing_is_pending_and_no_other_place_is_asked_for()
    {
        var listing = new WakeList("u-1");
        var ticket = listing.Enlist().Header.CommandId;
        var wake = new WakeUser { UserId = "u-1", RegistrationId = ticket };

        Assert.Equal(ticket, listing.Enlist().Header.CommandId);
        Assert.Null(listing.Delist(wake, hasPending: false));
        Assert.True(listing.Listed(new CommandReply { CommandId = ticket, Outcome = CommandOutcome.Accepted }));
        Assert.Null(listing.Delist(wake, hasPending: true));
        Assert.Equal(ticket, listing.Delist(wake, hasPending: false)!.RegistrationId);
        Assert.False(listing.IsListed);
        Assert.NotEqual(ticket, listing.Enlist().Header.CommandId);
    }

    [Fact]
    public void Users_spread_over_all_buckets_and_each_has_one_for_ever()
    {
        var buckets = Enumerable.Range(0, 1000).Select(i => PendingUsersState.BucketOf($"u-{i}")).ToList();

        Assert.Equal(PendingUsersState.BucketIds.Order(), buckets.Distinct().Order());
        Assert.Equal("16", PendingUsersState.BucketOf("u-1"));
    }

    private static RegisterForWake Enlist(string userId, string ticket) =>
        new()
        {
            Header = new CommandHeader { CommandId = ticket },
            BucketId = "7",
            UserId = userId,
        };

    private static DelistUser Delist(string userId, string ticket) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"delist-{ticket}" },
            BucketId = "7",
            UserId = userId,
            RegistrationId = ticket,
        };

    private static DelistUser Delist(Random random, PendingUsersState state) =>
        state.Tickets.IsEmpty || random.Next(3) == 0
            ? Delist("u-1", "stale")
            : Delist(state.Tickets.First().Key, state.Tickets.First().Value);

    private static PendingUsersState After(params ICommand[] commands) =>
        commands.Aggregate(
            PendingUsersState.Empty("7"),
            (state, c) => state.Decide(c, DateTimeOffset.UnixEpoch).Events.Aggregate(state, (s, e) => s.Apply(e))
        );
}
