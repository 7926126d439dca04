using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Actors;
using RalmActors.Scorer.Domain.Serving;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ScorerActorSpecs : TrainerTestKit
{
    [Fact]
    public async Task Who_asks_for_a_family_that_the_node_has_yet_to_learn_waits_until_its_champion_is_loaded()
    {
        var artifact = Artifact(1);
        var scorer = Scorer();
        var asked = Ask(scorer, GivenServing.Request(candidates: 100));
        var beside = Ask(scorer, GivenServing.Request(candidates: 1));
        await Registry.ExpectMsgAsync<GetRegistry>(Patience);
        Registry.Reply(GivenServing.Family("v-1", ("v-1", artifact)));

        var reply = await asked;

        Assert.Equal(("v-1", artifact.Hash), (reply.VersionId, reply.ArtifactHash));
        Assert.Equal(PlantedData.Schema.Id, reply.SchemaId);
        Assert.Equal(Enumerable.Range(1, 100).Select(k => $"c-{k}"), reply.Scores.Select(s => s.CandidateId));
        Assert.All(reply.Scores, s => Assert.InRange(s.Score, 0, 1));
        Assert.Equal(reply.Scores[0].Score, (await beside).Scores[0].Score, 1e-6f);
    }

    [Fact]
    public async Task A_family_that_nobody_registered_is_not_found_and_may_be_registered_later()
    {
        var scorer = Scorer();
        for (var time = 0; time < 2; time++)
        {
            var asked = Ask(scorer, GivenServing.Request());
            await Registry.ExpectMsgAsync<GetRegistry>(Patience);
            Registry.Reply(new NotFoundReply { Region = RegionNames.Registry, EntityId = "city" });
            Assert.Equal(RejectionCode.NotFound, (await asked).Rejection.Code);
        }

        scorer.Tell(GivenServing.Family("v-1", ("v-1", Artifact(1))));

        Assert.Null((await Ask(scorer, GivenServing.Request())).Rejection);
    }

    [Fact]
    public async Task A_family_without_a_champion_is_not_waited_for()
    {
        var scorer = Scorer();
        var asked = Ask(scorer, GivenServing.Request());
        await Registry.ExpectMsgAsync<GetRegistry>(Patience);
        Registry.Reply(GivenServing.Family("", ("v-1", Artifact(1))));

        Assert.Contains("has no champion", (await asked).Rejection.Rule);
        Assert.Contains("has no champion", (await Ask(scorer, GivenServing.Request())).Rejection.Rule);
    }

    [Fact]
    public async Task Where_the_registry_keeps_silent_only_the_first_wait_in_vain()
    {
        var scorer = Scorer(familyWait: TimeSpan.FromMilliseconds(100));

        Assert.Equal(RejectionCode.NotFound, (await Ask(scorer, GivenServing.Request())).Rejection.Code);
        await Registry.ExpectMsgAsync<GetRegistry>(Patience);
        Assert.Equal(RejectionCode.NotFound, (await Ask(scorer, GivenServing.Request())).Rejection.Code);

        await Registry.ExpectNoMsgAsync(Pause);
    }

    [Fact]
    public async Task A_promotion_swaps_without_a_failed_request()
    {
        var (one, two) = (Artifact(1), Artifact(2));
        var scorer = Scorer(workers: 3);
        scorer.Tell(GivenServing.Family("v-1", ("v-1", one)));
        await Served(scorer, GivenServing.Request());

        var asked = new List<Task<ScoreReply>>();
        for (var k = 0; k < 300; k++)
        {
            if (k == 100)
            {
                scorer.Tell(GivenServing.Family("v-2", ("v-1", one), ("v-2", two)));
            }

            asked.Add(Ask(scorer, GivenServing.Request(request: $"r-{k}")));
        }

        var replies = await Task.WhenAll(asked);
        Assert.All(replies, r => Assert.Null(r.Rejection));
        await AwaitConditionAsync(
            async () => (await Ask(scorer, GivenServing.Request())).VersionId == "v-2",
            Patience,
            Pause
        );
        Assert.Equal(
            replies.Select(r => r.VersionId == "v-1" ? one.Hash : two.Hash),
            replies.Select(r => r.ArtifactHash)
        );
    }

    [Fact]
    public async Task A_version_that_does_not_load_leaves_the_last_good_one_serving()
    {
        var (good, bad) = (Artifact(1), Artifact(2));
        var file = Path.Combine(Store.Folder, bad.Hash + ".safetensors");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^8]);
        var scorer = Scorer();
        scorer.Tell(GivenServing.Family("v-1", ("v-1", good)));
        await Served(scorer, GivenServing.Request());

        await EventFilter
            .Error(contains: bad.Hash)
            .ExpectOneAsync(() =>
            {
                scorer.Tell(GivenServing.Family("v-2", ("v-1", good), ("v-2", bad)));
                return Task.CompletedTask;
            });

        Assert.Equal("v-1", (await Ask(scorer, GivenServing.Request())).VersionId);
    }

    [Fact]
    public async Task A_scorer_that_starts_without_the_champions_file_serves_the_one_before_and_the_champion_when_it_is_back()
    {
        var (one, two) = (Artifact(1), Artifact(2));
        var file = Path.Combine(Store.Folder, two.Hash + ".safetensors");
        File.Move(file, file + ".away");
        var family = GivenServing.Family("v-2", ("v-1", one), ("v-2", two));
        family
            .Versions[0]
            .History.Add(
                new StageHeld
                {
                    Stage = Stage.Champion,
                    From = new() { Seconds = 1 },
                }
            );
        family
            .Versions[1]
            .History.Add(
                new StageHeld
                {
                    Stage = Stage.Champion,
                    From = new() { Seconds = 2 },
                }
            );
        var scorer = Scorer(workers: 2);
        var asked = Ask(scorer, GivenServing.Request());
        await Registry.ExpectMsgAsync<GetRegistry>(Patience);
        Registry.Reply(family);

        var reply = await asked;

        Assert.Equal(("v-1", one.Hash), (reply.VersionId, reply.ArtifactHash));
        var why = GivenServing.Request(candidates: 1);
        var explained = await scorer.Ask<ExplainReply>(new ExplainScore { Score = why }, Patience);
        Assert.Equal("v-1", explained.VersionId);
        Assert.Equal(new ServedFamily("city", "v-2", "v-1", true), Assert.Single(await Serves(scorer)));

        File.Move(file + ".away", file);
        await AwaitConditionAsync(
            async () => (await Ask(scorer, GivenServing.Request())).VersionId == "v-2",
            Patience,
            Pause
        );
        Assert.False(Assert.Single(await Serves(scorer)).IsUnloadable);
    }

    [Fact]
    public async Task A_scorer_that_can_load_nothing_says_so_at_once_and_not_that_it_is_loading()
    {
        var only = Artifact(1);
        File.Delete(Path.Combine(Store.Folder, only.Hash + ".safetensors"));
        var scorer = Scorer();
        var asked = Ask(scorer, GivenServing.Request());
        await Registry.ExpectMsgAsync<GetRegistry>(Patience);
        Registry.Reply(GivenServing.Family("v-1", ("v-1", only)));

        Assert.Equal(RejectionCode.NotAvailable, (await asked).Rejection.Code);
        Assert.Equal(RejectionCode.NotAvailable, (await Ask(scorer, GivenServing.Request())).Rejection.Code);

        Artifact(1);
        Assert.Equal("v-1", (await Served(scorer, GivenServing.Request())).VersionId);
    }

    private static async Task<IReadOnlyList<ServedFamily>> Serves(IActorRef scorer) =>
        (await scorer.Ask<ScorerActor.Served>(ScorerActor.GetServed.Instance, Patience)).Families;

    public static TheoryData<string, Func<byte[], byte[]>> Damages =>
        new()
        {
            { "cut short", good => good[..(good.Length / 2)] },
            { "empty", _ => [] },
            { "a bit of a weight", good => Flip(good, good.Length - 3) },
            { "a bit of the header", good => Flip(good, 12) },
        };

    [Theory]
    [MemberData(nameof(Damages), DisableDiscoveryEnumeration = true)]
    public async Task A_file_damaged_during_a_swap_is_refused_with_both_hashes_while_the_good_version_goes_on(
        string how,
        Func<byte[], byte[]> damage
    )
    {
        var (good, next) = (Artifact(1), Artifact(2));
        var file = Path.Combine(Store.Folder, next.Hash + ".safetensors");
        var whole = File.ReadAllBytes(file);
        var bad = damage(whole);
        var scorer = Scorer(workers: 2);
        scorer.Tell(GivenServing.Family("v-1", ("v-1", good)));
        var before = await Served(scorer, GivenServing.Request());
        File.WriteAllBytes(file, bad);
        var found = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bad));

        var asked = new List<Task<ScoreReply>>();
        await EventFilter
            .Error(contains: $"expected sha256 {next.Hash}, found {found}")
            .ExpectAsync(
                2,
                Patience,
                () =>
                {
                    scorer.Tell(GivenServing.Family("v-2", ("v-1", good), ("v-2", next)));
                    asked.AddRange(
                        Enumerable.Range(0, 100).Select(k => Ask(scorer, GivenServing.Request(request: $"r-{k}")))
                    );
                    return Task.CompletedTask;
                }
            );

        Assert.All(
            await Task.WhenAll(asked),
            r => Assert.Equal(("v-1", good.Hash, before.Scores), (r.VersionId, r.ArtifactHash, r.Scores))
        );
        Assert.NotEmpty(how);
        // Once the file is whole again, the next look serves it.
        File.WriteAllBytes(file, whole);
        scorer.Tell(GivenServing.Family("v-2", ("v-1", good), ("v-2", next)));
        await AwaitConditionAsync(
            async () =>
            {
                scorer.Tell(GivenServing.Family("v-2", ("v-2", next)));
                return (await Ask(scorer, GivenServing.Request())).VersionId == "v-2";
            },
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task A_feature_of_another_kind_is_refused_by_name()
    {
        var artifact = Artifact(1);
        var scorer = Scorer();
        scorer.Tell(GivenServing.Family("v-1", ("v-1", artifact)));
        await Served(scorer, GivenServing.Request());
        var request = GivenServing.Request();
        request.Candidates[1].Features.Items[0].Text = "a word";

        var rejection = (await Ask(scorer, request)).Rejection;

        Assert.Equal(RejectionCode.Invalid, rejection.Code);
        Assert.Equal(("candidates[1].features.f0", "a word"), (rejection.Field, rejection.Value));
    }

    [Fact]
    public async Task It_hears_of_versions_lineages_and_tests_and_asks_for_what_a_test_needs()
    {
        var topics = CreateTestProbe();
        var lineages = CreateTestProbe();
        var scorer = Scorer(topics: topics, lineages: lineages);
        var topicsHeard = new List<string>();
        for (var k = 0; k < 4; k++)
        {
            topicsHeard.Add((await topics.ExpectMsgAsync<Subscribe>(Patience)).Topic);
        }

        scorer.Tell(GivenServing.Test());

        Assert.Equal(["audiences", "lineages", "registry", "running-tests"], topicsHeard.Order(StringComparer.Ordinal));
        Assert.Equal("exp/b", (await lineages.ExpectMsgAsync<GetLineage>(Patience)).LineageId);
        Assert.Equal("city", (await Registry.ExpectMsgAsync<GetRegistry>(Patience)).Family);
    }

    [Fact]
    public async Task A_version_in_shadow_scores_what_the_champion_answers_and_is_not_shown()
    {
        var topics = CreateTestProbe();
        var (one, two) = (Artifact(1), Artifact(2));
        var scorer = Scorer(topics: topics);
        var family = GivenServing.Family("v-1", ("v-1", one), ("v-2", two));
        family.Versions[1].Stage = Stage.Shadow;
        scorer.Tell(family);
        await Served(scorer, GivenServing.Request());
        var replies = new List<ScoreReply>();
        var report = await Reported(topics, _ => true);
        for (var k = 0; k < 20; k++)
        {
            // One at a time: a shadow that is behind is given fewer.
            replies.Add(await Ask(scorer, GivenServing.Request(candidates: 10, request: $"r-{k}")));
            var before = report.Counts.Requests;
            report = await Reported(topics, r => r.Counts.Requests > before);
        }

        Assert.All(replies, r => Assert.Equal(one.Hash, r.ArtifactHash));
        Assert.Equal(("city", "v-2", "v-1"), (report.Family, report.VersionId, report.ChampionVersionId));
        Assert.Equal(0, report.Counts.Failures);
        Assert.InRange(report.Counts.AbsoluteDifference / report.Counts.Candidates, 1e-6, 1);
        Assert.InRange(report.Counts.RankCorrelation / report.Counts.Ranked, -1, 0.999);
        Assert.True(report.Counts is { ChampionSeconds: > 0, ShadowSeconds: > 0 });
    }

    [Fact]
    public async Task A_version_in_shadow_that_does_not_load_fails_every_request()
    {
        var topics = CreateTestProbe();
        var (good, bad) = (Artifact(1), Artifact(2));
        var file = Path.Combine(Store.Folder, bad.Hash + ".safetensors");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^8]);
        var scorer = Scorer(topics: topics);
        var family = GivenServing.Family("v-1", ("v-1", good), ("v-2", bad));
        family.Versions[1].Stage = Stage.Shadow;
        scorer.Tell(family);

        Assert.Equal("v-1", (await Served(scorer, GivenServing.Request())).VersionId);

        var report = await Reported(topics, r => r.Counts.Requests > 0);
        Assert.Equal(report.Counts.Requests, report.Counts.Failures);
    }

    private static async Task<ShadowReport> Reported(TestProbe topics, Predicate<ShadowReport> enough) =>
        (ShadowReport)
            (
                await topics.FishForMessageAsync<Publish>(
                    p => p.Message is ShadowReport report && enough(report),
                    Patience
                )
            ).Message;

    private IActorRef Scorer(
        int workers = 1,
        TestProbe? topics = null,
        TestProbe? lineages = null,
        TimeSpan? familyWait = null
    )
    {
        var options = new ScorerOptions
        {
            Workers = workers,
            AskEvery = TimeSpan.FromHours(1),
            FamilyWait = familyWait ?? Patience,
            ReportShadowsEvery = TimeSpan.FromMilliseconds(50),
        };
        var store = Store;
        var mediator = (topics ?? CreateTestProbe()).Ref;
        ActorRegistry.TryRegister<RegistryRegion>(Registry.Ref, overwrite: true);
        ActorRegistry.TryRegister<LineageRegion>((lineages ?? CreateTestProbe()).Ref, overwrite: true);
        var registry = ActorRegistry;
        return Sys.ActorOf(
            Props.Create(() => new ScorerActor(store, options, "cpu", TimeProvider.System, registry, mediator))
        );
    }

    private ArtifactRef Artifact(ulong seed)
    {
        var config = ConfigRules.Complete(GivenRun.Start(seed: seed).Config);
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        return Store.Save(session.Checkpoint(0, 0.5, 0.7));
    }

    private static byte[] Flip(byte[] good, int at)
    {
        byte[] bad = [.. good];
        bad[at] ^= 1;
        return bad;
    }

    private static Task<ScoreReply> Ask(IActorRef scorer, Score request) => scorer.Ask<ScoreReply>(request, Patience);

    private async Task<ScoreReply> Served(IActorRef scorer, Score request)
    {
        var reply = await Ask(scorer, request);
        await AwaitConditionAsync(async () => (reply = await Ask(scorer, request)).Rejection is null, Patience, Pause);
        return reply;
    }
}
