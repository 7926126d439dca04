using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;
using static RalmActors.AbTesting.Actors.Tests.Domain.Promotions.GivenPromotion;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Promotions;

/// <summary>What a shadow waits for, and how long.</summary>
public sealed class ShadowStepSpecs
{
    [Fact]
    public void A_shadow_waits_for_its_requests()
    {
        var test = Then(Won(), Gate());

        Assert.Empty(test.Decide(Shadow(requests: 9), Now).Events);
    }

    [Fact]
    public void A_shadow_fails_at_once_when_more_requests_have_failed_than_may()
    {
        var test = Then(Won(), Gate());
        Assert.Empty(test.Decide(Shadow(requests: 5, failures: 1), Now).Events);

        Fails(Then(test, Shadow(requests: 5, failures: 2)), "2 of 5 requests failed; 1 may");
    }

    [Fact]
    public void A_shadow_that_is_too_slow_fails()
    {
        var test = Then(Won(), Gate());
        Assert.Empty(test.Decide(Shadow(requests: 9, seconds: 9), Now).Events);

        Fails(
            Then(test, Shadow(requests: 10, seconds: 3.5)),
            "it takes 3.50 times the champion's time; 3 times is allowed"
        );
    }

    [Fact]
    public void A_shadow_that_has_waited_as_long_as_it_may_fails_and_says_how_much_came()
    {
        var test = Then(Won(), Gate());
        Assert.Empty(test.Decide(Shadow(requests: 7), Now.AddSeconds(99)).Events);

        Fails(
            ThenAt(test, Now.AddSeconds(100), Shadow(requests: 7)),
            "v2 has waited 100 s in shadow for 10 requests of v1: 7 came"
        );
        Assert.Equal(7, test.State.Steps[^1].Shadow.Requests);
    }

    [Fact]
    public void What_is_late_but_there_passes_and_what_may_not_be_all_is_not_judged_by_time()
    {
        var test = Then(Won(), Gate());
        Assert.Empty(test.Decide(Shadow(requests: 9, settled: false), Now.AddDays(9)).Events);

        ThenAt(test, Now.AddDays(9), Shadow(requests: 10, settled: false));

        Assert.True(test.State.Steps[^1].Passed);
    }

    [Fact]
    public void A_plan_that_was_journaled_before_there_was_a_limit_has_none()
    {
        var old = Then(Won(), Gate());
        var snapshot = (ExperimentSnapshot)old.State.ToSnapshot();
        snapshot.Definition = snapshot.Definition.Clone();
        snapshot.Definition.Promotion.ShadowSeconds = 0;
        var test = ExperimentState.FromSnapshot("t", snapshot);

        var decision = test.Decide(Shadow(requests: 7), Now.AddDays(100));

        Assert.Empty(decision.Events);
        Assert.Null(decision.Rejection);
    }

    [Fact]
    public void Whoever_begins_to_listen_waits_until_all_scorers_had_time_to_speak()
    {
        var sums = new ShadowSums();
        sums.Restart(follows: true, Now);

        Assert.False(sums.IsSettled(Now.AddSeconds(9)));
        Assert.True(sums.IsSettled(Now.AddSeconds(10)));
        sums.Restart(follows: false, Now);
        Assert.False(sums.IsSettled(Now.AddSeconds(10)));
    }
}
