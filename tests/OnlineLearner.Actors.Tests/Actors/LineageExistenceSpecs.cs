using Akka.Actor;
using Akka.Hosting;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>Only lineages that exist learn: interactions are answered by what the lineages themselves say.</summary>
public sealed class LineageExistenceSpecs : IDisposable
{
    private readonly Disk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task A_lineage_nobody_opened_is_refused_by_name_with_those_there_are_also_after_a_restart()
    {
        await using (var first = await LearningNode.Start(_disk))
        {
            await first.Open(OnlineLearningSpecs.Open("exp-1/a"));
            await first.Open(OnlineLearningSpecs.Open("exp-1/b"));
            await Refused(first);
        }

        await using var second = await LearningNode.Start(_disk);
        await Refused(second);
        Assert.IsType<NotFoundReply>(
            await second.Region<UserRegion>().Ask<IWireMessage>(new GetUser { UserId = "u-1" }, Waiting.Patience)
        );

        static async Task Refused(LearningNode node)
        {
            var reply = await Record(node, Given.Interaction("i-1", lineages: ["exp-1/a", "exp-1/c"]));
            Assert.Equal(
                (RejectionCode.NotFound, "lineage_ids[1]", "exp-1/c"),
                (reply.Rejection.Code, reply.Rejection.Field, reply.Rejection.Value)
            );
            Assert.Equal("must be an open lineage; there are exp-1/a, exp-1/b", reply.Rejection.Rule);
        }
    }

    [Fact]
    public async Task What_follows_an_acknowledged_opening_is_learned_and_what_came_before_it_never_is()
    {
        await using var node = await LearningNode.Start(_disk);
        for (var i = 0; i < 20; i++)
        {
            var name = $"exp-{i}";
            var before = await Record(node, Given.Interaction($"before-{i}", "u-1", $"c-{i}", 1, name));
            Assert.Equal(RejectionCode.NotFound, before.Rejection.Code);
            await node.Open(OnlineLearningSpecs.Open(name));
            var after = await Record(node, Given.Interaction($"after-{i}", "u-1", $"c-{i}", 1, name));
            Assert.Equal(CommandOutcome.Accepted, after.Outcome);
        }

        await Eventually.Is(async () => (await node.User("u-1")).SamplesPending == 0, "all is learned");
        Assert.All(
            Enumerable.Range(0, 20),
            i =>
                Assert.Equal(
                    $"after-{i}",
                    Assert.Single(_disk.Batches($"exp-{i}").SelectMany(b => b.Samples)).InteractionId
                )
        );
    }

    [Fact]
    public async Task Without_lineage_and_champion_an_interaction_is_kept_the_candidate_hears_of_it_and_the_answer_says_so()
    {
        await using var node = await LearningNode.Start(_disk);

        var reply = await Record(node, Given.Interaction("like", "fan", "star"));

        Assert.Equal((CommandOutcome.Accepted, CommandNote.NoLineage), (reply.Outcome, reply.Note));
        await Eventually.Is(async () => (await node.Audience("star")).Size == 1, "the candidate has heard");
        await Eventually.Is(async () => (await node.User("fan")).SamplesPending == 0, "nothing waits");

        await node.Open(OnlineLearningSpecs.Open("champion"));
        reply = await Record(node, Given.Interaction("again", "fan", "star"));

        Assert.Equal((CommandOutcome.Accepted, CommandNote.Unspecified), (reply.Outcome, reply.Note));
        await Eventually.Is(
            () => Task.FromResult(_disk.Batches("champion").Count == 1),
            "the champion learns what came after it was opened"
        );
        Assert.Equal("again", _disk.Batches("champion")[0].Samples.Single().InteractionId);
    }

    [Fact]
    public async Task A_silent_lineage_is_not_guessed_at_and_a_known_one_is_not_asked()
    {
        var hasty = LearningNode.Learner with { LineageSilence = TimeSpan.FromMilliseconds(100) };
        await using var node = await LearningNode.Start(_disk, learner: hasty);
        await node.Open(OnlineLearningSpecs.Open("known"));
        await node.Accepted<UserRegion>(Given.Interaction("i-1", lineages: "known"));
        node.Replace<LineageRegion>(node.System.DeadLetters);

        Assert.Equal(
            CommandOutcome.Accepted,
            (await Record(node, Given.Interaction("i-2", lineages: "known"))).Outcome
        );
        foreach (var lineages in new string[][] { ["other"], ["known", "other"], [] })
        {
            var reply = await Record(node, Given.Interaction("i-3", lineages: lineages));
            Assert.Equal(CommandOutcome.Unavailable, reply.Outcome);
        }

        Assert.Equal(2, (await node.User("u-1")).SamplesAccepted);
    }

    [Fact]
    public async Task Samples_that_an_old_journal_holds_for_a_lineage_nobody_opened_wait_without_harm_and_go_when_it_opens()
    {
        await using var node = await LearningNode.Start(_disk);
        await node.Plant("user-u-1", [.. Enumerable.Range(1, 3).Select(i => Old(i, "champion"))]);

        var reply = await Record(node, Given.Interaction("now", label: 0));
        Assert.Equal((CommandOutcome.Accepted, CommandNote.NoLineage), (reply.Outcome, reply.Note));
        Assert.Equal(3, (await node.User("u-1")).SamplesPending);

        await node.Open(OnlineLearningSpecs.Open("champion"));
        await Eventually.Is(async () => (await node.User("u-1")).SamplesPending == 0, "they are learned");
        Assert.Equal(
            ["old-1", "old-2", "old-3"],
            _disk.Batches("champion").SelectMany(b => b.Samples).Select(s => s.InteractionId)
        );
    }

    [Fact]
    public async Task A_candidate_that_cannot_be_read_keeps_no_other_from_hearing()
    {
        await using var node = await LearningNode.Start(_disk);
        // No user can apply it: the entity does not recover.
        await node.Plant("user-broken", new LineageClosed { Header = new EventHeader(), Reason = "not a user's" });

        foreach (var (id, star) in new[] { ("1", "broken"), ("2", "star-a"), ("3", "broken"), ("4", "star-b") })
        {
            await node.Accepted<UserRegion>(Given.Interaction($"like-{id}", "fan", star));
        }

        foreach (var star in new[] { "star-a", "star-b" })
        {
            await Eventually.Is(async () => (await node.Audience(star)).Size == 1, $"{star} has heard");
        }

        await Eventually.Is(
            async () => (await node.User("fan")).SamplesPending == 2,
            "only what the broken one was to hear waits"
        );
    }

    private static InteractionRecorded Old(int seq, params string[] lineages) =>
        new()
        {
            Header = new EventHeader
            {
                CausationId = $"old-{seq}",
                At = new Timestamp { Seconds = 1_700_000_000 },
            },
            SampleSeq = seq,
            Sample = new Sample
            {
                InteractionId = $"old-{seq}",
                UserId = "u-1",
                CandidateId = "c",
                OccurredAt = new Timestamp { Seconds = 1_700_000_000 },
            },
            LineageIds = { lineages },
        };

    private static Task<CommandReply> Record(LearningNode node, RecordInteraction c) =>
        node.Region<UserRegion>().Ask<CommandReply>(c, Waiting.Patience);
}
