using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>What has happened to a lineage has its model trained anew: asked for with the event, handed over until it is taken.</summary>
public sealed class LineageRetrainingSpecs
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Fallen_behind_its_model_is_trained_anew_on_what_has_come_since()
    {
        var lineage = Batches(Opened(RetrainingTrigger.Unspecified), 5);

        var asked = Asked(lineage.Found(null, null, null, Behind(5, since: 2)));

        Assert.Equal(("champion-5", 5L, 2L), (asked.RetrainingId, asked.BatchNr, asked.SinceBatchNr));
        Assert.Equal(lineage.Settings.Retraining, asked.Plan);
        Assert.StartsWith("its log loss was 0.250 above", asked.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RetrainingTrigger.WhenBehind, false, true)]
    [InlineData(RetrainingTrigger.OnAlarm, true, true)]
    [InlineData(RetrainingTrigger.Never, false, false)]
    public void The_plan_says_for_what(RetrainingTrigger trigger, bool onAlarm, bool behind)
    {
        var lineage = Batches(Opened(trigger), 5);

        Assert.Equal(onAlarm, lineage.Found(Noticed(5), null, null)!.Events.OfType<RetrainingAsked>().Any());
        Assert.Equal(behind, lineage.Found(null, null, null, Behind(5))!.Events.OfType<RetrainingAsked>().Any());
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(20, 0)]
    public void The_change_lies_behind_the_last_batch_that_is_wholly_before_it(int samples, long since)
    {
        var lineage = Batches(Opened(RetrainingTrigger.OnAlarm), 5);

        Assert.Equal(since, Asked(lineage.Found(Noticed(5, samples), null, null)).SinceBatchNr);
    }

    [Fact]
    public void What_is_in_a_checkpoint_counts_by_the_usual_size_of_a_batch()
    {
        var lineage = Batches(Opened(RetrainingTrigger.OnAlarm), 5)
            .Apply(new LineageCheckpointed { BatchNr = 5, Checkpoint = Given.Artifact(2) });

        Assert.Equal(3, Asked(lineage.Found(Noticed(5, samples: 4), null, null)).SinceBatchNr);
    }

    [Fact]
    public void One_is_under_way_at_a_time()
    {
        var lineage = Batches(Opened(RetrainingTrigger.OnAlarm), 5);
        var first = Apply(lineage, lineage.Found(Noticed(5), null, null)!);
        first = Batches(first, 6).Apply(new ReactionEnded { AlarmBatchNr = 5, BatchNr = 6 });

        Assert.Empty(first.Found(Noticed(6), null, null)!.Events.OfType<RetrainingAsked>());
        var over = first.Apply(
            new RetrainingRecorded { RetrainingId = "champion-5", Outcome = RetrainingOutcome.RetrainingWon }
        );
        Assert.Single(over.Found(Noticed(6), null, null)!.Events.OfType<RetrainingAsked>());
    }

    [Fact]
    public void It_is_owed_until_it_is_taken_and_told_until_it_has_ended()
    {
        var lineage = Batches(Opened(RetrainingTrigger.OnAlarm, Test()), 5);
        lineage = Restored(Apply(lineage, lineage.Found(Noticed(5), null, null)!));

        var owed = Assert.Single(lineage.Outbox);
        var opening = Assert.IsType<OpenRetraining>(owed.Command());
        Assert.Equal(("champion-5", "champion", 4L), (opening.RetrainingId, opening.LineageId, opening.SinceBatchNr));
        // That it is opened is no question any more.
        Assert.Equal((RetrainingTrigger.Unspecified, Test()), (opening.Plan.Trigger, opening.Plan.Experiment));

        var handed = Restored(Apply(lineage, lineage.Settle(new Settlement(owed.Key, "", null))!));
        Assert.Empty(handed.Outbox);
        Assert.Equal(RetrainingOutcome.Retraining, Told(handed).Outcome);

        var word = new RecordRetraining
        {
            RetrainingId = "champion-5",
            Outcome = RetrainingOutcome.RetrainingWon,
            Reason = "better",
            VersionId = "champion-5",
            ExperimentId = "champion-5-test",
        };
        var recorded = handed.Decide(word, Now);
        var over = Restored(Apply(handed, recorded));
        Assert.Equal(
            (RetrainingOutcome.RetrainingWon, "better", "champion-5-test"),
            (Told(over).Outcome, Told(over).Reason, Told(over).ExperimentId)
        );
        Assert.Equal(Decision.Nothing, over.Decide(word, Now));
    }

    [Fact]
    public void Refused_it_has_failed_and_another_may_be_asked_for()
    {
        var lineage = Batches(Opened(RetrainingTrigger.OnAlarm), 5);
        lineage = Apply(lineage, lineage.Found(Noticed(5), null, null)!);

        var refused = Rejections.Conflict("retraining_id", "champion-5", "is taken");
        lineage = Apply(lineage, lineage.Settle(new Settlement("champion-5", "", refused))!);

        Assert.Equal(RetrainingOutcome.RetrainingFailed, Told(lineage).Outcome);
        Assert.Contains("is taken", Told(lineage).Reason, StringComparison.Ordinal);
        Assert.False(lineage.Retrainings.IsUnderWay);
    }

    [Fact]
    public void The_longest_id_of_a_lineage_leaves_room_for_what_is_named_after_it()
    {
        var id = new string('x', Ids.MaxLength);
        var other = new string('x', Ids.MaxLength - 1) + "y";

        var (first, second) = (NameFor(id), NameFor(other));

        Assert.NotEqual(first, second);
        Assert.True(Ids.IsValid($"{first}-test"), first);

        static string NameFor(string id)
        {
            var lineage = LineageState.Empty(id);
            lineage = lineage.Apply(lineage.Decide(Given.Open(id), Now).Events[0]);
            return Asked(lineage.Found(null, null, null, Behind(1))).RetrainingId;
        }
    }

    [Fact]
    public void A_lineage_of_before_there_were_retrainings_asks_for_none()
    {
        var lineage = LineageState
            .Empty("champion")
            .Apply(
                new LineageOpened
                {
                    Base = Given.Artifact(1),
                    BatchSize = 32,
                    CheckpointEvery = 3,
                }
            );

        Assert.Empty(lineage.Found(null, null, null, Behind(1))!.Events.OfType<RetrainingAsked>());
    }

    public static TheoryData<string, string, Action<RetrainingPlan>> Wrong =>
        new()
        {
            { "retraining.trigger", "9", p => p.Trigger = (RetrainingTrigger)9 },
            { "retraining.min_rows", "199", p => p.MinRows = 199 },
            { "retraining.max_rows", "500", p => (p.MinRows, p.MaxRows) = (501, 500) },
            { "retraining.max_rows", "999", p => p.MaxRows = 999 },
            { "retraining.config.max_epochs", "-1", p => p.Config = new TrainingConfig { MaxEpochs = -1 } },
            { "retraining.experiment.metric", "", p => p.Experiment = new ExperimentDefinition() },
            {
                "retraining.experiment.family",
                "city",
                p => p.Experiment = new ExperimentDefinition { Metric = "match", Family = "city" }
            },
            {
                "retraining.experiment.arms",
                "1",
                p => p.Experiment = new ExperimentDefinition { Metric = "match", Arms = { new Arm() } }
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_planned_is_refused_when_opened_and_when_changed(
        string field,
        string value,
        Action<RetrainingPlan> makeWrong
    )
    {
        var plan = new RetrainingPlan();
        makeWrong(plan);
        var open = Given.Open();
        open.Retraining = plan;
        var tune = new TuneLineage { LineageId = "champion", Retraining = plan };

        Rejection[] rejections =
        [
            LineageState.Empty("champion").Decide(open, Now).Rejection!,
            Opened(RetrainingTrigger.Unspecified).Decide(tune, Now).Rejection!,
        ];

        Assert.All(rejections, r => Assert.Equal((RejectionCode.Invalid, field, value), (r.Code, r.Field, r.Value)));
        Assert.All(rejections, r => Assert.StartsWith("must", r.Rule, StringComparison.Ordinal));
    }

    [Fact]
    public void Changed_at_work_what_is_left_out_of_the_plan_stays()
    {
        var lineage = Opened(RetrainingTrigger.OnAlarm, Test());
        var tune = new TuneLineage
        {
            LineageId = "champion",
            Retraining = new RetrainingPlan { MinRows = 300 },
        };

        var tuned = Assert.IsType<LineageTuned>(Assert.Single(lineage.Decide(tune, Now).Events));

        var expected = lineage.Settings.Retraining.Clone();
        expected.MinRows = 300;
        Assert.Equal(expected, tuned.Settings.Retraining);
    }

    private static LineageState Opened(RetrainingTrigger trigger, ExperimentDefinition? test = null)
    {
        var open = Given.Open();
        open.Retraining = new RetrainingPlan { Trigger = trigger, Experiment = test };
        var lineage = LineageState.Empty("champion");
        return lineage.Apply(Assert.Single(lineage.Decide(open, Now).Events));
    }

    private static ExperimentDefinition Test() => new() { Metric = "match" };

    private static LineageState Batches(LineageState lineage, int through)
    {
        for (var nr = lineage.BatchesAccepted + 1; nr <= through; nr++)
        {
            lineage = lineage.Apply(new BatchAccepted { BatchNr = nr, Samples = { new Sample(), new Sample() } });
        }

        return lineage;
    }

    private static DriftNoticed Noticed(long batchNr, int samples = 2) =>
        new()
        {
            BatchNr = batchNr,
            SamplesSince = samples,
            LossSince = 0.9,
        };

    private static LineageFellBehind Behind(long batchNr, long since = 0) =>
        new()
        {
            BatchNr = batchNr,
            SinceBatchNr = since,
            Samples = 900,
            ExcessLoss = 0.25,
        };

    private static RetrainingAsked Asked(Decision? found) => Assert.Single(found!.Events.OfType<RetrainingAsked>());

    private static LineageState Apply(LineageState lineage, Decision decision) =>
        decision.Events.Aggregate(lineage, (s, e) => s.Apply(e));

    private static LineageState Restored(LineageState lineage) =>
        LineageState.FromSnapshot("champion", lineage.ToSnapshot());

    private static LineageRetraining Told(LineageState lineage) =>
        Assert.Single(((LineageReply)lineage.ToReply()).Retrainings);
}
