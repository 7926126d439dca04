using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>A lineage is changed at work, and taken back to what it was: by events, in their place among its batches.</summary>
public sealed class LineageTuningSpecs
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void What_is_left_out_stays()
    {
        var lineage = Opened();
        var command = Tune("faster");
        command.Optimizer = new OptimizerConfig { LearningRate = 0.01f };
        command.Reaction = new DriftReaction { Replays = 2 };
        command.LossThreshold = 0.3;

        var tuned = Assert.IsType<LineageTuned>(Assert.Single(lineage.Decide(command, Now).Events));

        var expected = lineage.Settings.Clone();
        (expected.Optimizer.LearningRate, expected.Reaction.Replays, expected.LossThreshold) = (0.01f, 2, 0.3);
        Assert.Equal(expected, tuned.Settings);
        Assert.Equal((0L, 2L), (tuned.BatchNr, tuned.Version));
        Assert.Equal(2, lineage.Apply(tuned).Tuning.Version);
    }

    [Fact]
    public void A_change_to_what_there_is_changes_nothing()
    {
        var lineage = Opened();
        var command = Tune("same");
        command.BatchSize = lineage.Settings.BatchSize;

        Assert.Equal(Decision.Nothing, lineage.Decide(command, Now));
    }

    [Fact]
    public void Who_changes_what_another_has_changed_meanwhile_is_told_so()
    {
        var command = Tune("late");
        (command.Paused, command.ExpectedVersion) = (true, 3);

        var rejection = Opened().Decide(command, Now).Rejection!;

        Assert.Equal((RejectionCode.Conflict, "expected_version"), (rejection.Code, rejection.Field));
        Assert.Equal("must be 1, that of the settings there are", rejection.Rule);
    }

    public static TheoryData<string, string, Action<TuneLineage>> Wrong =>
        new()
        {
            { "batch_size", "0", c => c.BatchSize = 0 },
            { "checkpoint_every", "10001", c => c.CheckpointEvery = 10_001 },
            { "checkpoint_seconds", "0", c => c.CheckpointSeconds = 0 },
            { "publish_every_ms", "60001", c => c.PublishEveryMs = 60_001 },
            { "loss_threshold", "NaN", c => c.LossThreshold = double.NaN },
            { "loss_threshold", "-1", c => c.LossThreshold = -1 },
            { "guard_alpha", "0.5", c => c.GuardAlpha = 0.5 },
            { "optimizer.name", "lion", c => c.Optimizer = new OptimizerConfig { Name = "lion" } },
            { "reaction.alpha", "2", c => c.Reaction = new DriftReaction { Alpha = 2 } },
            { "reason", "1001 characters", c => c.Reason = new string('x', 1_001) },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_set_is_refused_by_field_and_value(
        string field,
        string value,
        Action<TuneLineage> makeWrong
    )
    {
        var command = Tune("wrong");
        makeWrong(command);

        var rejection = Opened().Decide(command, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field, value), (rejection.Code, rejection.Field, rejection.Value));
        Assert.StartsWith("must", rejection.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_stand_among_the_batches_they_were_made_between_also_behind_a_checkpoint_and_a_snapshot()
    {
        var lineage = Batch(Tuned(Batch(Batch(Opened(), 1), 2), rate: 0.01f), 3);
        lineage = Tuned(lineage, rate: 0.02f);

        Assert.Equal(["1", "2", "rate 0.01", "3", "rate 0.02"], Steps(lineage));
        // What was changed behind the checkpoint's batch may be in its file, or not: it is done again.
        var checkpointed = lineage.Apply(Checkpoint(2, 'c'));
        Assert.Equal(["rate 0.01", "3", "rate 0.02"], Steps(checkpointed));
        Assert.Equal(0.0003f, checkpointed.Tuning.AtCheckpoint!.Optimizer.LearningRate);
        var restored = LineageState.FromSnapshot("champion", checkpointed.ToSnapshot());
        Assert.Equal(Steps(checkpointed), Steps(restored));
        Assert.Equal(checkpointed.Tuning.AtCheckpoint, restored.Tuning.AtCheckpoint);
        Assert.Equal(0.01f, lineage.Apply(Checkpoint(3, 'd')).Tuning.AtCheckpoint!.Optimizer.LearningRate);
    }

    [Fact]
    public void A_lineage_rolled_back_starts_from_the_earlier_file_and_has_learned_what_that_has()
    {
        var lineage = Batch(Batch(Opened(), 1), 2).Apply(Checkpoint(2, 'c'));
        lineage = Tuned(Batch(lineage, 3), rate: 0.01f).Apply(Checkpoint(3, 'd'));
        lineage = Batch(lineage, 4);

        var back = Assert.IsType<LineageRolledBack>(Assert.Single(lineage.Decide(Back(2), Now).Events));
        var rolled = lineage.Apply(back);

        Assert.Equal((4L, 2L, Ref('c')), (back.BatchNr, back.ToBatchNr, back.To));
        Assert.Equal(
            (Ref('c'), 4L, LineageStart.RolledBack),
            (rolled.Artifact, rolled.CheckpointBatchNr, rolled.StartsFrom)
        );
        Assert.Equal([2L], rolled.Kept.Select(k => k.BatchNr));
        Assert.Equal((8L, 4L, 4L), (rolled.SamplesAccepted, rolled.LearnedAtCheckpoint, rolled.SamplesRolledBack));
        // Settings are not taken back, and batches go on counting.
        Assert.Equal(0.01f, rolled.Tuning.AtCheckpoint!.Optimizer.LearningRate);
        Assert.Empty(rolled.StepsSinceCheckpoint);
        Assert.Equal(["5"], Steps(Batch(rolled, 5)));
        Assert.Equal(LineageStart.RolledBack, LineageState.FromSnapshot("champion", rolled.ToSnapshot()).StartsFrom);
    }

    [Fact]
    public void To_the_version_it_started_from_it_can_always_be_rolled_back()
    {
        var lineage = Batch(Opened(), 1);

        var rolled = lineage.Apply(Assert.Single(lineage.Decide(Back(0), Now).Events));

        Assert.Equal((lineage.Opened!.Base, LineageStart.Base), (rolled.Artifact, rolled.StartsFrom));
        Assert.Equal((0L, 2L), (rolled.LearnedAtCheckpoint, rolled.SamplesRolledBack));
    }

    [Fact]
    public void A_rollback_closes_the_alarm_that_is_open()
    {
        var lineage = Batch(Opened(), 1).Apply(new DriftNoticed { BatchNr = 1 });

        var events = lineage.Decide(Back(0), Now).Events;

        var ended = Assert.IsType<ReactionEnded>(events[1]);
        Assert.Equal((1L, ReactionOutcome.ReactionRolledBack), (ended.AlarmBatchNr, ended.Outcome));
    }

    [Fact]
    public void Fallen_behind_it_is_paused_and_goes_back_to_the_last_checkpoint_before_that_once()
    {
        var lineage = Batch(Opened(), 1).Apply(Checkpoint(1, 'c'));
        lineage = Batch(lineage, 2).Apply(Checkpoint(2, 'd')).Apply(new DriftNoticed { BatchNr = 2 });
        var behind = new LineageFellBehind
        {
            BatchNr = 2,
            SinceBatchNr = 1,
            Samples = 900,
            ExcessLoss = 0.25,
        };

        var events = lineage.Found(null, null, null, behind)!.Events;
        var taken = events.Aggregate(lineage, (s, e) => s.Apply(e));

        Assert.Equal(
            [
                typeof(LineageFellBehind),
                typeof(LineageTuned),
                typeof(LineageRolledBack),
                typeof(ReactionEnded),
                typeof(RetrainingAsked),
            ],
            events.Select(e => e.GetType())
        );
        Assert.Equal((Ref('c'), true, 2L), (taken.Artifact, taken.Settings.Paused, taken.Tuning.Version));
        Assert.Equal(
            "its log loss was 0.250 above that of the version it started from, over 900 samples",
            ((LineageRolledBack)events[2]).Reason
        );
        Assert.Null(taken.Found(null, null, null, behind));
        var reply = (LineageReply)LineageState.FromSnapshot("champion", taken.ToSnapshot()).ToReply();
        Assert.Equal((1, behind), (reply.FellBehind, reply.LastFellBehind));
    }

    [Fact]
    public void Behind_from_the_beginning_it_goes_back_to_the_version_it_started_from()
    {
        var lineage = Batch(Opened(), 1).Apply(Checkpoint(1, 'c'));

        var events = lineage.Found(null, null, null, new LineageFellBehind { BatchNr = 1 })!.Events;

        Assert.Equal(
            (0L, lineage.Opened!.Base),
            (((LineageRolledBack)events[2]).ToBatchNr, ((LineageRolledBack)events[2]).To)
        );
    }

    [Theory]
    [InlineData(7, "7")]
    [InlineData(null, "")]
    public void Where_there_is_no_checkpoint_the_refusal_names_those_there_are(int? batchNr, string value)
    {
        var lineage = Batch(Opened(), 1).Apply(Checkpoint(1, 'c'));
        var command = Back(0);
        if (batchNr is { } nr)
        {
            command.BatchNr = nr;
        }
        else
        {
            command.ClearBatchNr();
        }

        var rejection = lineage.Decide(command, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, "batch_nr", value), (rejection.Code, rejection.Field, rejection.Value));
        Assert.Equal("must be 0 (the version it started from) or that of a checkpoint: 1", rejection.Rule);
    }

    [Fact]
    public void Few_checkpoints_reach_far_back()
    {
        var lineage = Opened();
        for (var nr = 1; nr <= 200; nr++)
        {
            lineage = Batch(lineage, nr).Apply(Checkpoint(nr, 'c'));
        }

        var kept = lineage.Kept.Select(k => k.BatchNr).ToArray();

        Assert.Equal(KeptCheckpoints.Max, kept.Length);
        Assert.Equal((1L, 200L), (kept[0], kept[^1]));
        // The nearer to now, the denser.
        var gaps = kept.Zip(kept.Skip(1), (a, b) => b - a).ToArray();
        Assert.True(gaps[^1] < gaps[1], string.Join(' ', kept));
    }

    private static LineageState Opened() =>
        LineageState
            .Empty("champion")
            .Apply(Assert.Single(LineageState.Empty("champion").Decide(Given.Open(), Now).Events));

    private static LineageState Batch(LineageState lineage, long nr) =>
        lineage.Apply(
            new BatchAccepted
            {
                BatchNr = nr,
                Samples = { new Messages.Learning.Sample(), new Messages.Learning.Sample() },
            }
        );

    private static LineageState Tuned(LineageState lineage, float rate)
    {
        var command = Tune($"rate-{rate}");
        command.Optimizer = new OptimizerConfig { LearningRate = rate };
        return lineage.Apply(Assert.Single(lineage.Decide(command, Now).Events));
    }

    private static TuneLineage Tune(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            LineageId = "champion",
        };

    private static RollBackLineage Back(long to) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"back-{to}" },
            LineageId = "champion",
            BatchNr = to,
            Reason = "worse than its base",
        };

    private static ArtifactRef Ref(char digit) => new() { Hash = new string(digit, 64) };

    private static LineageCheckpointed Checkpoint(long nr, char digit) =>
        new() { BatchNr = nr, Checkpoint = Ref(digit) };

    private static string[] Steps(LineageState lineage) =>
        [
            .. lineage.StepsSinceCheckpoint.Select(e =>
                e is BatchAccepted batch ? $"{batch.BatchNr}"
                : e is LineageTuned tuned
                    ? string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"rate {tuned.Settings.Optimizer.LearningRate}"
                    )
                : "?"
            ),
        ];
}
