using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>Tests and the owner of their family's units, as they are: who begins at the same moment, and who is lost.</summary>
public sealed class SharedUnitsSpecs : PromotionTestKit
{
    [Fact]
    public async Task Of_tests_that_begin_at_the_same_moment_with_overlapping_ranges_exactly_one_does()
    {
        await Registered("city");
        string[] tests = [.. Enumerable.Range(0, 12).Select(i => $"t-{i}")];
        foreach (var (i, test) in tests.Index())
        {
            await Accepted(Create(test, d => d.Layer = Layer(100 * i, 5000 + (100 * i))));
        }

        var replies = await Task.WhenAll(tests.Select(t => Once(Plan.Tests, Start(t))));

        var (started, refused) = (
            replies.Count(r => r!.Outcome == CommandOutcome.Accepted),
            replies.Where(r => r!.Outcome == CommandOutcome.Rejected).ToArray()
        );
        Assert.Equal((1, 11), (started, refused.Length));
        Assert.All(refused, r => Assert.Equal("definition.layer.from", r!.Rejection.Field));
        var winner = tests[Array.FindIndex(replies, r => r!.Outcome == CommandOutcome.Accepted)];
        Assert.All(refused, r => Assert.EndsWith($"which {winner} has", r!.Rejection.Rule, StringComparison.Ordinal));
        foreach (var test in tests)
        {
            Assert.Equal(test == winner, (await Until(test, _ => true)).Status == ExperimentStatus.Running);
        }

        await Accepted(Stop(winner));
        await AwaitAssertAsync(async () => Assert.Empty((await Holdout("city")).Claims), Patience);
        await Accepted(Start(tests[winner == "t-0" ? 1 : 0]));
    }

    [Fact]
    public async Task What_is_given_to_a_test_that_was_lost_while_it_asked_is_found_and_taken_back()
    {
        var claim = Plan.Hold("p", "ClaimTraffic 1");
        await Registered("p");
        await Accepted(Create("p", d => (d.Family, d.Layer) = ("p", Layer(0, 6000))));
        await Accepted(Create("other", d => (d.Family, d.Layer) = ("p", Layer(4000, 10_000))));
        var start = Once(Plan.Tests, Start("p"));
        var deliver = await claim.WaitAsync(Patience);
        Plan.Tests.Tell(new CrashingRegion.Lose("p"), ActorRefs.NoSender);
        Assert.Equal(ExperimentStatus.Draft, (await Until("p", _ => true)).Status);

        Arrives(deliver);

        Assert.Null(await start);
        await AwaitAssertAsync(
            async () => Assert.Contains(await Journaled("ab-traffic-p"), e => e is TrafficReleased),
            Patience
        );
        Assert.Empty((await Holdout("p")).Claims);
        await Accepted(Start("other"));
        Assert.Equal("definition.layer.from", (await Once(Plan.Tests, Start("p")))!.Rejection.Field);
    }

    [Fact]
    public async Task A_claim_that_comes_late_takes_nothing_from_the_test_that_has_begun_meanwhile()
    {
        var claim = Plan.Hold("p", "ClaimTraffic 1");
        await Registered("p");
        await Accepted(Create("p", d => (d.Family, d.Layer) = ("p", Layer(0, 6000))));
        var first = Start("p");
        var waiting = Once(Plan.Tests, first);
        var deliver = await claim.WaitAsync(Patience);
        await Accepted(Start("p"));

        Arrives(deliver);

        // Refused in the end, since the test runs; and the ticket of the second attempt is no more.
        Assert.NotEqual(CommandOutcome.Accepted, (await waiting)?.Outcome ?? CommandOutcome.Unspecified);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.Equal(6000, Assert.Single((await Holdout("p")).Claims).Layer.To);
        Assert.Empty((await Journaled("ab-traffic-p")).OfType<TrafficReleased>());
    }

    [Fact]
    public async Task A_promotion_keeps_its_range_for_its_rollout_and_gives_it_back_in_the_end()
    {
        await Registered("other");
        await Won("p", change: plan => plan.StepSeconds = 864_000, layer: Layer(0, 6000));
        SayShadow("p");
        await Until("p:rollout", r => r.Status == ExperimentStatus.Running);
        await Accepted(Create("other", d => (d.Family, d.Layer) = ("p", Layer(4000, 10_000))));

        var refused = await Once(Plan.Tests, Start("other"));

        Assert.Equal("definition.layer.from", refused!.Rejection?.Field);
        Assert.Equal(["p", "p:rollout"], (await Holdout("p")).Claims.Select(c => c.ExperimentId));
        await Accepted(new RollBackExperiment { Header = GivenExperiment.Header(), ExperimentId = "p" });
        await AwaitAssertAsync(async () => Assert.Empty((await Holdout("p")).Claims), Patience);
        await Accepted(Start("other"));
    }

    [Fact]
    public async Task The_familys_holdout_binds_a_test_that_states_none()
    {
        await Registered("city");
        await Accepted(Create("states", d => d.Holdout = 2000));
        await Accepted(Create("silent", _ => { }));
        await Accepted(Create("differs", d => d.Holdout = 1000));
        await Accepted(Start("states"));
        await Accepted(Start("silent"));

        var heldOut = Enumerable
            .Range(0, 400)
            .Select(i => $"u-{i}")
            .Where(unit => Murmur3.Hash(System.Text.Encoding.UTF8.GetBytes($"city/holdout:{unit}")) % 10_000 < 2000)
            .ToArray();

        Assert.InRange(heldOut.Length, 40, 120);
        foreach (var unit in heldOut)
        {
            Assert.Equal("", (await Assigned("states", unit)).Arm);
            Assert.Equal("", (await Assigned("silent", unit)).Arm);
        }

        Assert.Equal(2000, (await Until("silent", _ => true)).Holdout);
        Assert.Equal("definition.holdout", (await Once(Plan.Tests, Start("differs")))!.Rejection.Field);
    }

    [Fact]
    public async Task A_test_begins_as_scheduled_with_the_holdout_of_then()
    {
        await Registered("city");
        await Accepted(Create("t", d => d.Layer = Layer(0, 6000)));
        await Accepted(
            new ScheduleExperiment
            {
                Header = GivenExperiment.Header(),
                ExperimentId = "t",
                // About three seconds: an hour of this clock.
                StartAt = Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddHours(1)),
            }
        );
        Assert.False(Assert.Single((await Holdout("city")).Claims).Begun);
        await Accepted(
            ActorRegistry.Get<AbTrafficRegion>(),
            new SetHoldout
            {
                Header = GivenExperiment.Header(),
                Family = "city",
                Holdout = 700,
            }
        );

        var test = await Until("t", t => t.Status == ExperimentStatus.Running);

        Assert.Equal((700, 0), (test.Holdout, test.Definition.Holdout));
        Assert.True(Assert.Single((await Holdout("city")).Claims).Begun);
    }

    [Fact]
    public async Task A_test_that_runs_says_again_what_it_has_where_nobody_knows_it()
    {
        await Registered("city");
        await Accepted(Create("t", d => d.Layer = Layer(0, 6000)));
        await Accepted(Start("t"));
        // As in a journal of before anybody was asked.
        await Accepted(
            ActorRegistry.Get<AbTrafficRegion>(),
            new ReleaseTraffic
            {
                Header = GivenExperiment.Header(),
                Family = "city",
                ExperimentId = "t",
            }
        );
        Plan.Tests.Tell(new CrashingRegion.Lose("t"), ActorRefs.NoSender);

        await Until("t", t => t.Status == ExperimentStatus.Running);

        await AwaitAssertAsync(
            async () => Assert.Equal(6000, Assert.Single((await Holdout("city")).Claims).Layer.To),
            Patience
        );
    }

    private void Arrives(Action claim) =>
        ActorRegistry.Get<AbTrafficRegion>().Tell(new CrashingRegion.Late(claim), ActorRefs.NoSender);

    private Task<AssignUnitReply> Assigned(string experimentId, string unit) =>
        Plan.Tests.Ask<AssignUnitReply>(new AssignUnit { ExperimentId = experimentId, Unit = unit }, Patience);

    private static CreateExperiment Create(string experimentId, Action<ExperimentDefinition> change)
    {
        var create = GivenExperiment.Create(change);
        create.ExperimentId = experimentId;
        return create;
    }

    private static StartExperiment Start(string experimentId) =>
        new() { Header = GivenExperiment.Header(), ExperimentId = experimentId };

    private static StopExperiment Stop(string experimentId) =>
        new() { Header = GivenExperiment.Header(), ExperimentId = experimentId };

    private static Layer Layer(int from, int to) =>
        new()
        {
            Name = "l",
            From = from,
            To = to,
        };
}
