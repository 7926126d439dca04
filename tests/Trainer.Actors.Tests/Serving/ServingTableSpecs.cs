using RalmActors.Messages.Entities;
using RalmActors.Scorer.Domain.Serving;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ServingTableSpecs
{
    private static readonly Messages.Training.ArtifactRef A = GivenRun.Artifact('a');
    private static readonly Messages.Training.ArtifactRef B = GivenRun.Artifact('b');
    private static readonly Messages.Training.ArtifactRef C = GivenRun.Artifact('c');

    [Fact]
    public void A_champion_serves_when_it_is_loaded_and_the_next_one_replaces_it_when_that_is()
    {
        var table = ServingTable.Empty.With(GivenServing.Family("v-1", ("v-1", A)));
        Assert.Equal(RejectionCode.Overloaded, table.Route(GivenServing.Request()).Rejection!.Code);

        table = table.Loaded(A.Hash);
        Assert.Equal("v-1", table.Route(GivenServing.Request()).Route!.Reply.VersionId);

        table = table.With(GivenServing.Family("v-2", ("v-1", A), ("v-2", B)));
        Assert.Equal(A.Hash, table.Route(GivenServing.Request()).Route!.Reply.ArtifactHash);
        Assert.Equal([B], table.Missing);

        table = table.Loaded(B.Hash);
        Assert.Equal("v-2", table.Route(GivenServing.Request()).Route!.Reply.VersionId);
        Assert.Equal([B.Hash], table.Needed);
    }

    [Fact]
    public void Where_a_champion_does_not_load_the_newest_earlier_one_that_does_stands_in_for_it_until_it_is_back()
    {
        var table = ServingTable.Empty.With(Succession("v-3", ("v-1", A, 1), ("v-2", B, 2), ("v-3", C, 3)));
        Assert.Equal([C], table.Missing);

        table = table.Failed(C.Hash);
        Assert.Equal(RejectionCode.Overloaded, table.Route(GivenServing.Request()).Rejection!.Code);
        Assert.Equal([C, B], table.Missing);
        table = table.Failed(B.Hash);
        Assert.Contains(A, table.Missing);
        table = table.Loaded(A.Hash);
        Assert.Equal(
            ("v-1", A.Hash),
            (
                table.Route(GivenServing.Request()).Route!.Reply.VersionId,
                table.Route(GivenServing.Request()).Route!.Reply.ArtifactHash
            )
        );
        Assert.Equal(new ServedFamily("city", "v-3", "v-1", true), Assert.Single(table.Served));

        table = table.Loaded(C.Hash);
        Assert.Equal("v-3", table.Route(GivenServing.Request()).Route!.Reply.VersionId);
        Assert.Equal(new ServedFamily("city", "v-3", "v-3", false), Assert.Single(table.Served));
        Assert.Equal([C.Hash], table.Needed);
    }

    [Fact]
    public void Where_nothing_loads_a_request_is_told_so_and_not_to_wait()
    {
        var table = ServingTable
            .Empty.With(Succession("v-2", ("v-1", A, 1), ("v-2", B, 2)))
            .Failed(B.Hash)
            .Failed(A.Hash);

        var rejection = table.Route(GivenServing.Request()).Rejection!;

        Assert.Equal((RejectionCode.NotAvailable, "family"), (rejection.Code, rejection.Field));
        Assert.Contains("v-2", rejection.Rule, StringComparison.Ordinal);
        Assert.True(table.IsSettled("city"));
        Assert.Equal(new ServedFamily("city", "v-2", null, true), Assert.Single(table.Served));
    }

    [Fact]
    public void A_version_that_never_was_champion_or_was_released_does_not_stand_in()
    {
        var family = Succession("v-3", ("v-1", A, 1), ("v-3", C, 3));
        family.Versions[0].ArtifactReleasedAt = new Google.Protobuf.WellKnownTypes.Timestamp();
        family.Versions.Add(new Messages.Training.ModelVersion { VersionId = "v-2", Artifact = B });

        var table = ServingTable.Empty.With(family).Failed(C.Hash);

        Assert.Empty(table.Standby);
        Assert.Equal(RejectionCode.NotAvailable, table.Route(GivenServing.Request()).Rejection!.Code);
    }

    private static Messages.Training.RegistryReply Succession(
        string champion,
        params (string Version, Messages.Training.ArtifactRef Artifact, int From)[] champions
    )
    {
        var family = GivenServing.Family(champion, [.. champions.Select(c => (c.Version, c.Artifact))]);
        for (var i = 0; i < champions.Length; i++)
        {
            family
                .Versions[i]
                .History.Add(
                    new Messages.Training.StageHeld
                    {
                        Stage = Messages.Training.Stage.Champion,
                        From = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = champions[i].From },
                    }
                );
        }

        return family;
    }

    [Fact]
    public void An_unknown_family_has_no_champion() =>
        Assert.Equal(RejectionCode.NotFound, ServingTable.Empty.Route(GivenServing.Request()).Rejection!.Code);

    [Fact]
    public void Users_of_a_test_get_their_arm_with_its_lineage_and_always_the_same_exposure()
    {
        var table = Running();
        var arms = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var k = 0; k < 1_000; k++)
        {
            var request = GivenServing.Request($"user-{k}", "t-1", request: $"r-{k}");
            var reply = table.Route(request).Route!.Reply;

            Assert.Equal(reply, table.Route(request).Route!.Reply);
            Assert.Equal(reply.Arm == "online" ? C.Hash : A.Hash, reply.ArtifactHash);
            Assert.Equal(reply.Arm == "online" ? ["exp/b"] : [], reply.LineageIds);
            Assert.Equal(("t-1", 2), (reply.ExperimentId, reply.Phase));
            Assert.True(Ids.IsValid(reply.ExposureId));
            arms[reply.Arm] = arms.GetValueOrDefault(reply.Arm) + 1;
        }

        Assert.InRange(arms["online"], 430, 570);
    }

    [Fact]
    public void Whoever_names_a_test_gets_its_rollout_once_that_runs_in_its_place()
    {
        var rollout = GivenServing.Test();
        (rollout.ExperimentId, rollout.RolloutOf, rollout.Salt) = ("t-1:rollout", "t-1", "t-1:rollout");
        var both = Running().With(rollout);
        Assert.Equal("t-1", both.Route(GivenServing.Request("user-1", "t-1")).Route!.Reply.ExperimentId);

        var ended = both.With(GivenServing.Test(revision: 2, running: false));
        var reply = ended.Route(GivenServing.Request("user-1", "t-1")).Route!.Reply;
        Assert.Equal("t-1:rollout", reply.ExperimentId);
        Assert.StartsWith("t-1:rollout:2:", reply.ExposureId, StringComparison.Ordinal);

        var over = rollout.Clone();
        (over.Running, over.Revision) = (false, 2);
        Assert.Equal("", ended.With(over).Route(GivenServing.Request("user-1", "t-1")).Route!.Reply.ExperimentId);
    }

    [Fact]
    public void A_version_in_shadow_stands_beside_the_champion_of_its_family()
    {
        var family = GivenServing.Family("v-1", ("v-1", A), ("v-2", B));
        Assert.Empty(ServingTable.Empty.With(family).Shadows);
        family.Versions[1].Stage = Messages.Training.Stage.Shadow;

        Assert.Equal(
            new ShadowPlace("city", "v-1", new ServedModel("v-2", B)),
            Assert.Single(ServingTable.Empty.With(family).Shadows)
        );
    }

    [Fact]
    public void People_of_one_place_and_hour_share_its_arm_when_that_is_the_unit()
    {
        var table = Running();
        string ArmOf(string user, string unit)
        {
            var request = GivenServing.Request(user, "t-1");
            request.Unit = unit;
            return table.Route(request).Route!.Reply.Arm;
        }

        var places = Enumerable.Range(0, 50).Select(p => $"u4pr{p}@2026-01-01T10").ToArray();
        Assert.All(places, p => Assert.Single(Enumerable.Range(0, 20).Select(u => ArmOf($"user-{u}", p)).Distinct()));
        Assert.Equal(2, places.Select(p => ArmOf("user-1", p)).Distinct().Count());
    }

    [Fact]
    public void An_arm_whose_model_is_not_loaded_is_not_shown_and_not_counted()
    {
        var table = ServingTable
            .Empty.With(GivenServing.Family("v-1", ("v-1", A)))
            .Loaded(A.Hash)
            .With(GivenServing.Test());

        var replies = Enumerable
            .Range(0, 100)
            .Select(k => table.Route(GivenServing.Request($"user-{k}", "t-1")).Route!.Reply)
            .ToArray();

        Assert.All(replies, r => Assert.Equal("v-1", r.VersionId));
        Assert.DoesNotContain(replies, r => r.Arm == "online");
        Assert.Contains(replies, r => r.ExperimentId.Length == 0 && r.Arm.Length == 0);
    }

    [Fact]
    public void A_stopped_test_an_older_revision_and_a_user_outside_get_the_champion_outside_of_the_test()
    {
        var stopped = Running().With(GivenServing.Test(revision: 2, running: false)).With(GivenServing.Test());
        var nobody = Running().With(GivenServing.Test(revision: 2, exposure: 0));

        foreach (var table in (ServingTable[])[stopped, nobody])
        {
            var reply = table.Route(GivenServing.Request(test: "t-1")).Route!.Reply;
            Assert.Equal(("v-1", "", ""), (reply.VersionId, reply.ExperimentId, reply.Arm));
        }

        Assert.DoesNotContain(C.Hash, stopped.Needed);
    }

    [Fact]
    public void An_older_checkpoint_that_arrives_late_does_not_come_back()
    {
        var table = Running().With(GivenServing.Lineage("exp/b", 100, B)).Loaded(B.Hash);

        Assert.Same(table, table.With(GivenServing.Lineage("exp/b", 50, C)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public void Too_few_or_too_many_candidates_are_refused(int count)
    {
        var rejection = Running().Route(GivenServing.Request(candidates: count)).Rejection!;

        Assert.Equal((RejectionCode.Invalid, "candidates"), (rejection.Code, rejection.Field));
        Assert.Equal($"{count}", rejection.Value);
    }

    private static ServingTable Running() =>
        ServingTable
            .Empty.With(GivenServing.Family("v-1", ("v-1", A)))
            .Loaded(A.Hash)
            .With(GivenServing.Test())
            .With(GivenServing.Lineage("exp/b", 50, C))
            .Loaded(C.Hash);
}
