using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

public class LineageStateSpecs
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Opening_writes_every_default_out()
    {
        var command = Given.Open(batchSize: 0, checkpointEvery: 0);

        var opened = Assert.IsType<LineageOpened>(
            Assert.Single(LineageState.Empty("champion").Decide(command, Now).Events)
        );

        var settings = opened.Settings;
        Assert.Equal((32, 1_000, 30), (settings.BatchSize, settings.CheckpointEvery, settings.CheckpointSeconds));
        Assert.Equal(("adam", 0.0003f), (settings.Optimizer.Name, settings.Optimizer.LearningRate));
        Assert.Equal((50, true), (settings.PublishEveryMs, settings.StepsBySize));
    }

    [Fact]
    public void Opening_writes_out_how_it_reacts()
    {
        var command = Given.Open();
        command.Reaction = new DriftReaction { Replays = 0 };

        var opened = (LineageOpened)Assert.Single(LineageState.Empty("champion").Decide(command, Now).Events);

        Assert.Equal(
            new DriftReaction
            {
                Detector = "adwin",
                RateFactor = 7,
                Replays = 0,
                Window = 1_000,
                Lasts = 2_000,
                Alpha = 0.05,
            },
            opened.Settings.Reaction
        );
    }

    [Fact]
    public void One_opened_before_lineages_reacted_does_not_and_is_opened_again_by_the_same_words()
    {
        var opened = (LineageOpened)Assert.Single(LineageState.Empty("champion").Decide(Given.Open(), Now).Events);
        Old(opened, 64);
        var old = LineageState.Empty("champion").Apply(opened);

        Assert.Equal(Decision.Nothing, old.Decide(Given.Open(), Now));
        Assert.False(old.Settings.StepsBySize);
        Assert.Null(old.Settings.Reaction);
        Assert.Equal(0, old.Settings.CheckpointSeconds);
        var reacting = Given.Open();
        reacting.Reaction = new DriftReaction();
        Assert.Equal(RejectionCode.Conflict, old.Decide(reacting, Now).Rejection!.Code);
    }

    /// <summary>As a release wrote it whose lineages could not be changed.</summary>
    private static void Old(LineageOpened opened, int checkpointEvery)
    {
        (opened.Optimizer, opened.BatchSize) = (opened.Settings.Optimizer, opened.Settings.BatchSize);
        opened.CheckpointEvery = Given.Open().CheckpointEvery > 0 ? Given.Open().CheckpointEvery : checkpointEvery;
        opened.Settings = null;
    }

    [Fact]
    public void An_alarm_is_told_once_and_closed_once_however_often_the_batches_are_applied_again()
    {
        var noticed = new DriftNoticed
        {
            BatchNr = 7,
            SamplesSince = 90,
            LossSince = 1.5,
        };
        var ended = new ReactionEnded
        {
            AlarmBatchNr = 7,
            BatchNr = 70,
            Outcome = ReactionOutcome.ReactionWon,
        };
        var open = After(Given.Open());

        var alarmed = Told(open, noticed, null, 1);
        Assert.Null(alarmed.Found(noticed, null, null));
        var reply = (LineageReply)alarmed.ToReply();
        Assert.Equal((1, 0), (reply.Alarms, reply.ReactionsWon));
        Assert.Equal(ReactionOutcome.Reacting, Assert.Single(reply.NewestAlarms).Outcome);

        var closed = Told(alarmed, null, ended, 1);
        Assert.Null(closed.Found(null, ended, null));
        Assert.Null(closed.Found(noticed, null, null));
        reply = (LineageReply)LineageState.FromSnapshot("champion", closed.ToSnapshot()).ToReply();
        Assert.Equal((1, 1), (reply.Alarms, reply.ReactionsWon));
        Assert.Equal(
            (ReactionOutcome.ReactionWon, 70),
            (reply.NewestAlarms[0].Outcome, reply.NewestAlarms[0].EndedBatchNr)
        );
        // What ends one and begins the next comes together.
        Assert.Equal(2, alarmed.Found(new DriftNoticed { BatchNr = 70 }, ended, null)!.Events.Length);
    }

    private static LineageState Told(LineageState state, DriftNoticed? noticed, ReactionEnded? ended, int events)
    {
        var decision = state.Found(noticed, ended, null)!;
        Assert.Equal(events, decision.Events.Length);
        return decision.Events.Aggregate(state, (s, e) => s.Apply(e));
    }

    [Fact]
    public void Opening_again_alike_is_accepted_and_otherwise_a_conflict()
    {
        var open = After(Given.Open());

        Assert.Equal(Decision.Nothing, open.Decide(Given.Open(), Now));
        var rejection = open.Decide(Given.Open(batchSize: 5), Now).Rejection!;
        Assert.Equal((RejectionCode.Conflict, "lineage_id"), (rejection.Code, rejection.Field));
    }

    public static TheoryData<string, string, Action<OpenLineage>> BadOpenings =>
        new()
        {
            { "family", "", c => c.Family = "" },
            { "version_id", "v 1", c => c.VersionId = "v 1" },
            { "base", "", c => c.Base = null },
            { "base.hash", "abc", c => c.Base = new ArtifactRef { Hash = "abc" } },
            { "optimizer.name", "lion", c => c.Optimizer = new OptimizerConfig { Name = "lion" } },
            { "optimizer.learning_rate", "NaN", c => c.Optimizer = new OptimizerConfig { LearningRate = float.NaN } },
            { "optimizer.learning_rate", "2", c => c.Optimizer = new OptimizerConfig { LearningRate = 2 } },
            { "optimizer.clip_norm", "-1", c => c.Optimizer = new OptimizerConfig { ClipNorm = -1 } },
            { "optimizer.weight_decay", "-1", c => c.Optimizer = new OptimizerConfig { WeightDecay = -1 } },
            { "batch_size", "4097", c => c.BatchSize = 4_097 },
            { "batch_size", "-1", c => c.BatchSize = -1 },
            { "checkpoint_every", "10001", c => c.CheckpointEvery = 10_001 },
            { "reaction.detector (detector)", "nose", c => c.Reaction = new DriftReaction { Detector = "nose" } },
            { "reaction.detector (smell)", "1", c => c.Reaction = new DriftReaction { Detector = "adwin smell=1" } },
            { "reaction.rate_factor", "0", c => c.Reaction = new DriftReaction { RateFactor = 0 } },
            { "reaction.rate_factor", "NaN", c => c.Reaction = new DriftReaction { RateFactor = double.NaN } },
            { "reaction.replays", "101", c => c.Reaction = new DriftReaction { Replays = 101 } },
            { "reaction.window", "31", c => c.Reaction = new DriftReaction { Window = 31 } },
            { "reaction.lasts", "0", c => c.Reaction = new DriftReaction { Lasts = 0 } },
            { "reaction.alpha", "0.6", c => c.Reaction = new DriftReaction { Alpha = 0.6 } },
        };

    [Theory]
    [MemberData(nameof(BadOpenings))]
    public void A_bad_opening_is_refused_by_field_value_and_rule(string field, string value, Action<OpenLineage> spoil)
    {
        var c = Given.Open();
        spoil(c);

        var rejection = LineageState.Empty("champion").Decide(c, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field, value), (rejection.Code, rejection.Field, rejection.Value));
        Assert.StartsWith("must", rejection.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_is_cut_into_batches_of_the_lineages_size_and_the_mark_moves_with_each()
    {
        var decision = After(Given.Open(batchSize: 4)).Decide(Given.Offer("u-1", 1, 10), Now);

        var batches = decision.Events.Cast<BatchAccepted>().ToList();
        Assert.Equal([4, 4, 2], batches.Select(b => b.Samples.Count));
        Assert.Equal([1, 2, 3], batches.Select(b => b.BatchNr));
        Assert.Equal([4, 8, 10], batches.Select(b => Assert.Single(b.Marks).ThroughSeq));
    }

    [Fact]
    public void What_is_in_the_journal_is_answered_at_once_and_not_learned_again()
    {
        var state = After(Given.Open(), Given.Offer("u-1", 1, 5));

        var again = state.Decide(Given.Offer("u-1", 1, 3), Now);

        Assert.Empty(again.Events);
        Assert.Equal(5, Assert.IsType<Messages.Learning.DeliveryAcknowledged>(again.Reply).ThroughSeq);
    }

    [Fact]
    public void Of_an_offer_known_in_part_only_the_rest_is_learned()
    {
        var state = After(Given.Open(), Given.Offer("u-1", 1, 3));

        var batch = Assert.IsType<BatchAccepted>(Assert.Single(state.Decide(Given.Offer("u-1", 1, 5), Now).Events));

        Assert.Equal(["u-1/4", "u-1/5"], batch.Samples.Select(s => s.InteractionId));
    }

    [Fact]
    public void An_offer_that_leaves_a_gap_is_refused()
    {
        var rejection = After(Given.Open(), Given.Offer("u-1", 1, 3)).Decide(Given.Offer("u-1", 5, 6), Now).Rejection!;

        Assert.Equal((RejectionCode.Conflict, "from_seq", "5"), (rejection.Code, rejection.Field, rejection.Value));
    }

    public static TheoryData<string, OfferSlice> BadOffers
    {
        get
        {
            var empty = Given.Offer("u-1", 1, 2);
            empty.Samples.Clear();
            var backwards = Given.Offer("u-1", 2, 2);
            backwards.ToSeq = 1;
            var open = Given.Offer("u-1", 1, 2);
            open.ToSeq = 3;
            return new()
            {
                { "user_id", Given.Offer("u 1", 1, 2) },
                { "to_seq", Given.Offer("u-1", 0, 2) },
                { "to_seq", backwards },
                { "to_seq", open },
                { "samples", empty },
                { "samples", Given.Offer("u-1", 1, 1_025) },
                { "samples[1].sample_seq", Given.Offer("u-1", 1, [2L, 2L]) },
                { "samples[0].sample_seq", Given.Offer("u-1", 3, [2L, 4L]) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(BadOffers))]
    public void A_bad_offer_is_refused_by_field(string field, OfferSlice offer)
    {
        var rejection = After(Given.Open()).Decide(offer, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (rejection.Code, rejection.Field));
    }

    [Fact]
    public void A_lineage_nobody_opened_is_not_found_and_a_closed_one_lets_samples_go_unlearned()
    {
        Assert.Equal(
            RejectionCode.NotFound,
            LineageState.Empty("x").Decide(Given.Offer("u-1", 1, 2), Now).Rejection?.Code
        );

        var closed = After(Given.Open(), Given.Offer("u-1", 1, 2), Close("c-1"));
        var decision = closed.Decide(Given.Offer("u-1", 1, 4), Now);

        Assert.Empty(decision.Events);
        var learned = Assert.IsType<Messages.Learning.DeliveryAcknowledged>(decision.Reply);
        Assert.Equal((4, true), (learned.ThroughSeq, learned.Discarded));
        Assert.Equal(Decision.Nothing, closed.Decide(Close("c-2"), Now));
        Assert.Equal(RejectionCode.Conflict, closed.Decide(Given.Open(), Now).Rejection?.Code);
    }

    [Fact]
    public void A_checkpoint_keeps_only_later_batches_for_replay_and_an_older_one_changes_nothing()
    {
        var state = After(Given.Open(batchSize: 2), Given.Offer("u-1", 1, 6));

        var written = Apply(state, state.Checkpointed(Given.Artifact(7), 2, 0.4, 0)!);

        Assert.Equal([3], written.SinceCheckpoint.Select(b => b.BatchNr));
        Assert.Equal((Given.Artifact(7), 2), (written.Artifact, written.CheckpointBatchNr));
        Assert.Null(written.Checkpointed(Given.Artifact(8), 2, 0.4, 0));
        Assert.Null(written.Checkpointed(Given.Artifact(8), 4, 0.4, 0));
    }

    [Fact]
    public void Offers_of_several_users_fill_one_batch_and_waiting_samples_are_not_taken_twice()
    {
        var state = After(Given.Open(batchSize: 4));
        var intake = new BatchAssembler();
        intake.Add(Given.Offer("u-1", 1, 2), state);
        intake.Add(Given.Offer("u-2", 1, [1L, 5L]), state);
        intake.Add(Given.Offer("u-1", 1, 3), state);

        var batch = Assert.IsType<BatchAccepted>(Assert.Single(intake.Cut(state, 10, partial: false).Events));

        Assert.Equal(["u-1/1", "u-1/2", "u-2/1", "u-2/5"], batch.Samples.Select(s => s.InteractionId));
        Assert.Equal([("u-1", 2L), ("u-2", 5L)], batch.Marks.Select(m => (m.UserId, m.ThroughSeq)));
        Assert.Equal(1, intake.Count);
    }

    [Fact]
    public void A_batch_set_aside_is_named_with_users_and_numbers_and_counts_neither_as_learned_nor_as_lost()
    {
        var state = After(Given.Open(batchSize: 2), Given.Offer("u-1", 1, 3), Given.Offer("u-2", 1, [7L]));

        var aside = Apply(state, state.Diverged(2, "too much")!.Stamp(new CommandHeader { CommandId = "x" }, Now));
        var done = Apply(aside, aside.Checkpointed(Given.Artifact(7), 3, 0.4, 1)!);

        var reply = Assert.IsType<LineageReply>(done.Answer(new GetLineage { LineageId = "champion" }));
        Assert.Equal(
            (4, 2, 1, 1, 1),
            (
                reply.SamplesAccepted,
                reply.SamplesLearned,
                reply.SamplesPassedOver,
                reply.SamplesSetAside,
                reply.BatchesSetAside
            )
        );
        var told = Assert.Single(reply.SetAside);
        Assert.Equal((2, "too much", 1), (told.BatchNr, told.Reason, told.SampleCount));
        var sample = Assert.Single(told.Samples);
        Assert.Equal(("u-1", 3, "u-1/3"), (sample.UserId, sample.SampleSeq, sample.InteractionId));
        Assert.Equal(Now, told.At.ToDateTimeOffset());
    }

    [Fact]
    public void A_batch_is_set_aside_once_and_never_after_it_is_in_a_checkpoint()
    {
        var state = After(Given.Open(batchSize: 2), Given.Offer("u-1", 1, 6));
        var aside = Apply(state, state.Diverged(3, "too much")!);
        var written = Apply(aside, aside.Checkpointed(Given.Artifact(7), 2, 0.4, 0)!);

        Assert.Null(aside.Diverged(3, "too much"));
        Assert.Null(written.Diverged(2, "too much"));
        Assert.Null(written.Diverged(4, "too much"));
        Assert.Empty(Assert.Single(written.SinceCheckpoint).Samples);
    }

    [Fact]
    public void Of_a_batch_from_before_numbers_were_written_down_users_and_interactions_are_named()
    {
        var old = new BatchAccepted { BatchNr = 1, Samples = { Given.Sample("u-1", 4).Sample } };

        var sample = Assert.Single(SetAsideBatches.Of(old, "too much").Samples);

        Assert.Equal(("u-1", 0, "u-1/4"), (sample.UserId, sample.SampleSeq, sample.InteractionId));
    }

    [Fact]
    public void The_answer_names_the_newest_batches_set_aside_and_fits_a_frame_with_the_longest_ids()
    {
        var (user, batches) = (new string('u', 128), 20);
        var state = After(Given.Open(batchSize: 100));
        for (var nr = 1; nr <= batches; nr++)
        {
            var offer = Given.Offer(user, (nr * 100) - 99, nr * 100);
            foreach (var s in offer.Samples)
            {
                s.Sample.InteractionId = new string('i', 128);
            }

            state = Apply(state, state.Decide(offer, Now));
            state = Apply(state, state.Diverged(nr, "too much")!);
        }

        var reply = Assert.IsType<LineageReply>(state.ToReply());

        Assert.Equal((20, 2_000), (reply.BatchesSetAside, reply.SamplesSetAside));
        Assert.Equal(Enumerable.Range(13, 8).Select(nr => (long)nr), reply.SetAside.Select(b => b.BatchNr));
        Assert.All(reply.SetAside, b => Assert.Equal((100, 32), (b.SampleCount, b.Samples.Count)));
        Assert.InRange(Google.Protobuf.MessageExtensions.ToByteArray(reply).Length, 1, 100_000);
    }

    [Fact]
    public void What_was_journaled_before_anything_was_set_aside_counts_as_learned()
    {
        var state = After(Given.Open(batchSize: 2), Given.Offer("u-1", 1, 6));
        var old = Apply(
            state,
            Decision.Accept(
                new LineageCheckpointed
                {
                    BatchNr = 2,
                    Checkpoint = Given.Artifact(7),
                    PrequentialLoss = 0.4,
                }
            )
        );

        Assert.Equal((4, 0), (old.LearnedAtCheckpoint, old.PassedOverAtCheckpoint));
    }

    private static CloseLineage Close(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            LineageId = "champion",
        };

    private static LineageState After(params ICommand[] commands) =>
        commands.Aggregate(LineageState.Empty("champion"), (state, c) => Apply(state, state.Decide(c, Now)));

    private static LineageState Apply(LineageState state, Decision decision)
    {
        Assert.False(decision.IsRejected, decision.Rejection?.ToString());
        return decision.Events.Aggregate(state, (s, e) => s.Apply(e));
    }
}
