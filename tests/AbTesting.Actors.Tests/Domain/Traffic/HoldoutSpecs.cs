using RalmActors.AbTesting.Domain.Traffic;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Traffic.GivenTraffic;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Traffic;

/// <summary>The units that no test of a family touches.</summary>
public sealed class HoldoutSpecs
{
    [Fact]
    public void The_first_test_to_state_one_sets_the_familys_and_binds_those_that_state_none()
    {
        var traffic = Given(Claim("one", c => c.StatedHoldout = 1000, begun: false));

        var second = traffic.Decide(Claim("two"), default);

        Assert.Equal((1000, "one"), (traffic.State.Holdout, traffic.State.Origin.ExperimentId));
        Assert.Equal(1000, Assert.IsType<ClaimReply>(second.Reply).Holdout);
        Assert.Equal(1000, Assert.IsType<TrafficClaimed>(Assert.Single(second.Events)).Claim.Holdout);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(2000)]
    public void A_test_that_states_another_one_is_refused_by_name(int stated)
    {
        var refused = Refused(Given(Hold(1000)), Claim("two", c => c.StatedHoldout = stated));

        Assert.Equal(("definition.holdout", $"{stated}"), (refused.Field, refused.Value));
        Assert.Equal("must be 1,000, as that of the family city, or left out", refused.Rule);
    }

    [Fact]
    public void A_person_sets_it_before_any_test_does()
    {
        var traffic = Given(Hold(1000), Claim("one"));

        var reply = (HoldoutReply)traffic.State.Answer(new GetHoldout { Family = "city" });

        Assert.Equal(
            (1000, "", "ann", "a control for years"),
            (reply.Holdout, reply.ExperimentId, reply.Author, reply.Reason)
        );
        Assert.Equal(1000, Assert.Single(reply.Claims).Holdout);
    }

    [Fact]
    public void It_does_not_grow_over_units_that_a_test_has_begun_to_show_to()
    {
        var traffic = Given(Claim("one"));

        Assert.Equal("holdout", Refused(traffic, Hold(1000)).Field);
        var refused = Refused(traffic, Claim("two", c => c.StatedHoldout = 1000));
        Assert.Equal("definition.holdout", refused.Field);
        Assert.Equal("must be at most 0 while one runs: it has begun to show to units above that", refused.Rule);
        Assert.Equal(1000, Then(traffic, Release("one"), Hold(1000)).State.Holdout);
    }

    [Fact]
    public void It_grows_while_tests_are_only_scheduled_and_back_to_what_all_of_them_leave_out()
    {
        var scheduled = Given(Claim("one", begun: false), Hold(1000));
        Assert.Equal(1000, scheduled.State.Holdout);

        var running = Given(Hold(1000), Claim("one"), Hold(400), Hold(1000));
        Assert.Equal(1000, running.State.Holdout);
        Assert.Equal("holdout", Refused(Then(running, Hold(400), Claim("two")), Hold(1000)).Field);
    }

    [Fact]
    public void It_stays_what_a_test_states_as_long_as_that_has_its_units()
    {
        var traffic = Given(Claim("one", c => c.StatedHoldout = 1000, begun: false));

        Assert.Equal("must be 1,000 while one states it", Refused(traffic, Hold(400)).Rule);
        Assert.Equal(400, Then(traffic, Release("one"), Hold(400)).State.Holdout);
    }

    [Fact]
    public void A_number_that_is_missing_or_out_of_range_is_refused()
    {
        Assert.Equal("must be set", Refused(Given(), new SetHoldout { Header = Hold(1).Header, Family = "city" }).Rule);
        Assert.Equal("must be 0 to 5,000", Refused(Given(), Hold(5001)).Rule);
        Assert.Equal("must be 0 to 5,000", Refused(Given(), Hold(-1)).Rule);
    }

    [Fact]
    public void A_test_that_began_before_it_was_the_familys_makes_its_own_the_familys()
    {
        var traffic = Given(Noted("one", c => (c.StatedHoldout, c.Holdout) = (1000, 1000)), Noted("two", _ => { }));

        Assert.Equal(1000, traffic.State.Holdout);
        Assert.Equal(0, traffic.State.Claims["two"].Holdout);
    }

    [Fact]
    public void A_snapshot_keeps_everything()
    {
        var state = Given(Hold(1000), Claim("one", 0, 6000)).State;

        var read = TrafficState.FromSnapshot("city", state.ToSnapshot());
        Assert.Equal(state.ToSnapshot(), read.ToSnapshot());
        Assert.Equal(state.Origin, read.Origin);
    }
}
