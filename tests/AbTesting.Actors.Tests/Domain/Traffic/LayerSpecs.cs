using RalmActors.AbTesting.Domain.Traffic;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Traffic.GivenTraffic;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Traffic;

/// <summary>Who has which buckets of a layer.</summary>
public sealed class LayerSpecs
{
    [Fact]
    public void A_range_that_overlaps_anothers_is_refused_by_name()
    {
        var refused = Refused(Given(Claim("one", 0, 6000)), Claim("two", 4000, 10_000));

        Assert.Equal(
            (RejectionCode.Conflict, "definition.layer.from", "4000"),
            (refused.Code, refused.Field, refused.Value)
        );
        Assert.Equal("must not overlap 0 to 6,000 of layer l, which one has", refused.Rule);
    }

    [Theory]
    [InlineData(6000, 10_000, "l")]
    [InlineData(0, 6000, "m")]
    public void Ranges_that_only_touch_and_those_of_other_layers_are_given(int from, int to, string layer) =>
        Assert.Equal(2, Given(Claim("one", 0, 6000), Claim("two", from, to, layer)).State.Claims.Count);

    [Fact]
    public void What_is_given_back_may_be_taken_and_a_test_may_change_its_own()
    {
        var traffic = Given(Claim("one", 0, 6000), Claim("one", 2000, 8000));
        Assert.Equal(2000, traffic.State.Claims["one"].Layer.From);

        Then(traffic, Release("one"), Claim("two", 4000, 10_000));

        Assert.Equal("two", Assert.Single(traffic.State.Claims).Key);
    }

    [Fact]
    public void A_rollout_has_the_units_of_its_parent_and_of_nobody_else()
    {
        var traffic = Given(Claim("one", 0, 6000), Claim("two", 6000, 10_000));

        Then(traffic, Claim("one:rollout", c => (c.Layer, c.RolloutOf) = (Layer(0, 6000), "one")));
        Then(traffic, Claim("one", 0, 6000));

        var refused = Refused(traffic, Claim("one:rollout", c => (c.Layer, c.RolloutOf) = (Layer(0, 7000), "one")));
        Assert.Equal("must not overlap 6,000 to 10,000 of layer l, which two has", refused.Rule);
        Assert.Contains("which one has", Refused(traffic, Claim("three", 0, 1000)).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_claim_again_changes_nothing_and_another_attempt_takes_its_place()
    {
        var (first, second) = (Claim("one", 0, 6000), Claim("one", 0, 6000));
        var traffic = Given(first);
        Assert.Empty(traffic.Decide(first, default).Events);

        Then(traffic, second, Release("one", first.Claim.RegistrationId));
        Assert.Equal(second.Claim.RegistrationId, traffic.State.Claims["one"].RegistrationId);

        Then(traffic, Release("one", second.Claim.RegistrationId));
        Assert.Empty(traffic.State.Claims);
    }

    [Fact]
    public void Two_ways_of_putting_units_into_buckets_do_not_share_a_layer()
    {
        var refused = Refused(
            Given(Claim("one", 0, 6000)),
            Claim("two", c => (c.Layer, c.Growthbook) = (Layer(6000, 10_000), true))
        );

        Assert.Equal("definition.hashing", refused.Field);
    }

    [Fact]
    public void What_began_before_anybody_was_asked_is_noted_whatever_it_overlaps()
    {
        var asked = Claim("one", 0, 6000);
        var traffic = Given(asked);

        Then(traffic, Noted("two", c => c.Layer = Layer(4000, 10_000)), Noted("one", c => c.Layer = Layer(0, 6000)));

        Assert.Equal(asked.Claim.RegistrationId, traffic.State.Claims["one"].RegistrationId);
        Assert.Equal(2, traffic.State.Claims.Count);
        Assert.Empty(traffic.Decide(Noted("two", c => c.Layer = Layer(4000, 10_000)), default).Events);
    }

    [Fact]
    public void A_layer_shows_who_has_what_and_what_is_free()
    {
        var traffic = Given(Claim("one", 500, 6000), Claim("two", 6000, 9000), Claim("three", 0, 100, "other"));

        var layer = (LayerReply)traffic.State.Answer(new GetLayer { Family = "city", Layer = "l" });

        Assert.Equal(["one", "two"], layer.Claims.Select(c => c.ExperimentId));
        Assert.Equal([(0, 500), (9000, 10_000)], layer.Free.Select(f => (f.From, f.To)));
    }

    [Fact]
    public void Whatever_is_asked_in_whatever_order_no_bucket_of_a_layer_has_two_tests() =>
        new EntityModel<TrafficState>("city", Next)
        {
            Invariant = (traffic, _) =>
            {
                foreach (var claim in traffic.Claims.Values.Where(c => c.Layer is not null))
                {
                    Assert.DoesNotContain(
                        traffic.Claims.Values,
                        o =>
                            o.ExperimentId != claim.ExperimentId
                            && o.Layer?.Name == claim.Layer.Name
                            && o.Layer.From < claim.Layer.To
                            && claim.Layer.From < o.Layer.To
                    );
                }

                Assert.All(
                    traffic.Claims.Values,
                    c =>
                        Assert.True(
                            c.StatedHoldout == 0 || c.StatedHoldout == traffic.Holdout,
                            $"{c} beside {traffic.Holdout}"
                        )
                );
            },
        }.Check();

    private static ICommand Next(Random random, TrafficState traffic, int number)
    {
        var experimentId = $"t-{random.Next(6)}";
        ICommand command = random.Next(6) switch
        {
            0 => Release(
                experimentId,
                random.Next(2) == 0 ? "" : traffic.Claims.GetValueOrDefault(experimentId)?.RegistrationId ?? "x"
            ),
            1 => Hold(1000 * random.Next(3)),
            _ => Claim(
                experimentId,
                c =>
                {
                    var from = 1000 * random.Next(10);
                    c.Layer =
                        random.Next(4) == 0
                            ? null
                            : Layer(from, from + 1000 * (1 + random.Next(3)), $"l-{random.Next(2)}");
                    c.StatedHoldout = random.Next(3) == 0 ? 1000 * random.Next(3) : 0;
                },
                begun: random.Next(2) == 0
            ),
        };
        command.Header.CommandId = $"model-{number}";
        return command;
    }
}
