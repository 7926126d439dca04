using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Retrainings;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Retrainings;

/// <summary>From a lineage's rows to a verdict: what is owed and what is asked at each step, and how each may end.</summary>
public sealed class RetrainingStateSpecs
{
    private const string Id = "late-7";

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void All_the_way_from_rows_to_the_champion()
    {
        var state = Opened(Test());
        Assert.Equal((RetrainingStep.Collecting, typeof(LineageRegion)), (state.Step, Asked(state)));
        Assert.Empty(state.Outbox);

        state = Then(state, state.HaveRows(Prepared()));
        var start = Owed<StartTraining>(state);
        Assert.Equal(
            (Id, Id, "city", "/data", new string('a', 64)),
            (start.RunId, start.VersionId, start.Family, start.DatasetPath, start.DatasetHash)
        );
        Assert.Equal(
            (Prepared().Initial, "v-0", "Ralm"),
            (start.Initial, start.ParentVersionId, start.Config.Model.Model)
        );
        state = Settled(state);
        Assert.Equal((RetrainingStep.TrainingAnew, typeof(TrainingRunRegion)), (state.Step, Asked(state)));
        Assert.Null(state.Hear(new TrainingRunReply { Status = RunStatus.Completed }));

        state = Then(state, state.Hear(Completed()));
        Assert.Equal((RetrainingStep.StartingTest, typeof(RegistryRegion)), (state.Step, Asked(state)));
        state = Then(state, state.Hear(new RegistryReply { Family = "city", ChampionVersionId = "v-1" }));
        var create = Owed<CreateExperiment>(state);
        Assert.Equal($"{Id}-test", create.ExperimentId);
        Assert.Equal(
            ["champion v-1 5000", $"retrained {Id} 5000"],
            create.Definition.Arms.Select(a => $"{a.Name} {a.VersionId} {a.Weight}")
        );
        Assert.Equal(
            ("city", "match", AutomaticAction.Promote),
            (create.Definition.Family, create.Definition.Metric, create.Definition.OnVerdict)
        );
        state = Settled(state);
        Assert.Equal($"{Id}-test", Owed<StartExperiment>(state).ExperimentId);
        state = Settled(state);
        Assert.Equal((RetrainingStep.Testing, typeof(AbTestRegion)), (state.Step, Asked(state)));
        Assert.Null(state.Hear(new ExperimentReply { Status = ExperimentStatus.Running }));
        // A winner is promoted yet.
        Assert.Null(state.Hear(Verdict(ExperimentStatus.Decided, "retrained")));

        state = Then(state, state.Hear(Verdict(ExperimentStatus.Promoted, "retrained")));
        Assert.Equal((RetrainingStep.Ended, false), (state.Step, state.IsOver));
        Assert.Empty(state.Questions);
        var word = Owed<RecordRetraining>(state);
        Assert.Equal(
            ("late", RetrainingOutcome.RetrainingWon, Id, $"{Id}-test"),
            (word.LineageId, word.Outcome, word.VersionId, word.ExperimentId)
        );
        Assert.Equal($"{Id} is the champion: it is better", word.Reason);
        state = Settled(state);
        Assert.True(state.IsOver);
        Assert.Empty(state.Outbox);
    }

    public static TheoryData<ExperimentStatus, string, RetrainingOutcome> Ends =>
        new()
        {
            { ExperimentStatus.Promoted, "retrained", RetrainingOutcome.RetrainingWon },
            { ExperimentStatus.Promoted, "champion", RetrainingOutcome.RetrainingNotBetter },
            { ExperimentStatus.Decided, "champion", RetrainingOutcome.RetrainingNotBetter },
            { ExperimentStatus.Decided, "", RetrainingOutcome.RetrainingNotBetter },
            { ExperimentStatus.RolledBack, "retrained", RetrainingOutcome.RetrainingTakenBack },
            { ExperimentStatus.RolledBack, "", RetrainingOutcome.RetrainingNotBetter },
            { ExperimentStatus.Archived, "", RetrainingOutcome.RetrainingNotTested },
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_test_may_end_in_many_ways(ExperimentStatus status, string winner, RetrainingOutcome outcome)
    {
        var state = Testing();

        Assert.Equal(outcome, Then(state, state.Hear(Verdict(status, winner))).Ended!.Outcome);
    }

    [Fact]
    public void Whoever_has_started_the_test_it_has_begun()
    {
        var state = Then(Made(), new RegistryReply { Family = "city", ChampionVersionId = "v-1" });
        state = Settled(state);

        Assert.Null(state.Hear(new ExperimentReply { Status = ExperimentStatus.Draft }));
        state = Then(state, new ExperimentReply { Status = ExperimentStatus.Running });

        Assert.Equal(RetrainingStep.Testing, state.Step);
        Assert.Null(state.Settle(new Settlement("start", "", null)));
    }

    [Fact]
    public void What_has_become_the_champion_while_units_were_waited_for_is_what_it_is_tested_against()
    {
        var state = Settled(Then(Made(), new RegistryReply { ChampionVersionId = "v-1" }));
        Assert.Equal([typeof(RegistryRegion), typeof(AbTestRegion)], state.Questions.Select(q => q.Region));
        Assert.Null(state.Hear(new RegistryReply { ChampionVersionId = "v-1" }));

        state = Then(state, new RegistryReply { ChampionVersionId = "v-2" });
        var create = Owed<CreateExperiment>(state);
        Assert.Equal(($"{Id}-test-2", "v-2"), (create.ExperimentId, create.Definition.Arms[0].VersionId));
        state = Then(Settled(state), new RegistryReply { ChampionVersionId = "v-3" });
        Assert.Equal($"{Id}-test-3", Owed<CreateExperiment>(state).ExperimentId);
        Assert.NotEqual(create.Header.CommandId, Owed<CreateExperiment>(state).Header.CommandId);
        // Begun, it goes on with whom it has.
        state = Settled(Settled(state));
        Assert.Null(state.Hear(new RegistryReply { ChampionVersionId = "v-4" }));
    }

    [Fact]
    public void Units_that_are_another_tests_are_waited_for()
    {
        var state = Settled(Then(Made(), new RegistryReply { Family = "city", ChampionVersionId = "v-1" }));

        Assert.Null(state.Settle(new Settlement("start", "", Rejections.Conflict("family", "city", "is taken"))));
        Assert.IsType<StartExperiment>(Owed<StartExperiment>(state));
    }

    [Fact]
    public void From_scratch_the_run_has_what_the_plan_says_and_no_weights()
    {
        var open = Open(Test());
        open.Plan.FromScratch = true;
        open.Plan.Config = new TrainingConfig { Model = new ModelConfig { Model = "LogisticRegression" } };
        var state = Then(RetrainingState.Empty(Id), RetrainingState.Empty(Id).Decide(open, Now));
        var prepared = Prepared();
        (prepared.Initial, prepared.Model) = (null, null);

        var start = Owed<StartTraining>(Then(state, state.HaveRows(prepared)));

        Assert.Equal((null, ""), (start.Initial, start.ParentVersionId));
        Assert.Equal("LogisticRegression", start.Config.Model.Model);
    }

    [Fact]
    public void Without_a_test_it_ends_with_its_version()
    {
        var state = Made(test: null);

        Assert.Equal((RetrainingOutcome.RetrainingNotTested, Id), (state.Ended!.Outcome, state.Trained!.VersionId));
    }

    [Fact]
    public void Where_a_step_cannot_be_done_it_ends_and_says_why()
    {
        var collecting = Opened(Test());
        Ends(Then(collecting, new NotFoundReply()), RetrainingOutcome.RetrainingFailed, "there is no lineage \"late\"");
        Ends(Then(collecting, collecting.HaveNoRows("too few")), RetrainingOutcome.RetrainingFailed, "too few");
        var prepared = Then(collecting, collecting.HaveRows(Prepared()));
        Ends(Settled(prepared, "is taken"), RetrainingOutcome.RetrainingFailed, "its run is refused");
        var training = Settled(prepared);
        Ends(
            Then(training, new TrainingRunReply { Status = RunStatus.Failed, Reason = "no loss" }),
            RetrainingOutcome.RetrainingFailed,
            "no loss"
        );
        Ends(
            Then(training, new TrainingRunReply { Status = RunStatus.Completed, NotRegistered = "is taken" }),
            RetrainingOutcome.RetrainingFailed,
            "the registry has not taken"
        );
        Ends(
            Then(Made(), new RegistryReply { Family = "city" }),
            RetrainingOutcome.RetrainingNotTested,
            "has no champion"
        );
        var planned = Then(Made(), new RegistryReply { ChampionVersionId = "v-1" });
        Ends(Settled(planned, "must be"), RetrainingOutcome.RetrainingNotTested, "its test is refused");

        static void Ends(RetrainingState state, RetrainingOutcome outcome, string words)
        {
            Assert.Equal(outcome, state.Ended!.Outcome);
            Assert.Contains(words, state.Ended.Reason, StringComparison.Ordinal);
            Assert.Contains(state.Outbox, o => o.Command() is RecordRetraining);
        }
    }

    [Fact]
    public void Cancelled_its_run_is_cancelled_with_it_and_rows_that_come_late_change_nothing()
    {
        var state = Settled(Then(Opened(Test()), Opened(Test()).HaveRows(Prepared())));

        state = Then(state, state.Decide(new CancelRetraining { RetrainingId = Id, Reason = "not now" }, Now));

        Assert.Equal(
            [typeof(CancelTraining), typeof(RecordRetraining)],
            state.Outbox.Select(o => o.Command().GetType())
        );
        Assert.Null(state.HaveRows(Prepared()));
        Assert.Null(state.Hear(Completed()));
        state = Then(state, state.Settle(new Settlement("word", "", null)));
        // The word alone is not enough.
        Assert.False(state.IsOver);
        Assert.Single(state.Outbox);
        state = Then(state, state.Settle(new Settlement("cancel", "", Rejections.Conflict("run_id", Id, "is over"))));
        Assert.True(state.IsOver);
        Assert.Equal(Decision.Nothing, state.Decide(new CancelRetraining { RetrainingId = Id }, Now));
    }

    [Fact]
    public void What_is_over_cannot_be_cancelled_and_what_is_opened_is_opened_once()
    {
        var state = Then(Testing(), Verdict(ExperimentStatus.Promoted, "retrained"));

        var cancel = state.Decide(new CancelRetraining { RetrainingId = Id }, Now).Rejection!;
        var again = state.Decide(Open(Test()), Now).Rejection!;

        Assert.Equal((RejectionCode.Conflict, "retraining_id"), (cancel.Code, cancel.Field));
        Assert.Equal((RejectionCode.Conflict, "retraining_id"), (again.Code, again.Field));
        Assert.Equal(
            RejectionCode.NotFound,
            RetrainingState.Empty(Id).Decide(new CancelRetraining { RetrainingId = Id }, Now).Rejection!.Code
        );
    }

    public static TheoryData<string, Action<OpenRetraining>> Wrong =>
        new()
        {
            { "retraining_id", c => c.RetrainingId = new string('x', 121) },
            { "lineage_id", c => c.LineageId = "a b" },
            { "since_batch_nr", c => c.SinceBatchNr = -1 },
            { "plan.trigger", c => c.Plan.Trigger = RetrainingTrigger.OnAlarm },
            { "plan.min_rows", c => c.Plan.MinRows = 1 },
            {
                "plan.config.model",
                c => c.Plan.Config = new TrainingConfig { Model = new ModelConfig { Model = "Ralm" } }
            },
            { "plan.config.workers", c => c.Plan.Config = new TrainingConfig { Workers = 2 } },
            { "plan.experiment.metric", c => c.Plan.Experiment = new ExperimentDefinition() },
            { "reason", c => c.Reason = new string('x', 1_001) },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_opened_is_refused_by_field(string field, Action<OpenRetraining> makeWrong)
    {
        var command = Open(Test());
        makeWrong(command);

        var rejection = RetrainingState.Empty(Id).Decide(command, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (rejection.Code, rejection.Field));
        Assert.StartsWith("must", rejection.Rule, StringComparison.Ordinal);
    }

    private static OpenRetraining Open(ExperimentDefinition? test) =>
        new()
        {
            RetrainingId = Id,
            LineageId = "late",
            SinceBatchNr = 4,
            Plan = new RetrainingPlan { Experiment = test },
        };

    private static ExperimentDefinition Test() => new() { Metric = "match" };

    private static RetrainingState Opened(ExperimentDefinition? test) =>
        Then(RetrainingState.Empty(Id), RetrainingState.Empty(Id).Decide(Open(test), Now));

    private static RetrainingPrepared Prepared() =>
        new()
        {
            Family = "city",
            DatasetPath = "/data",
            DatasetHash = new string('a', 64),
            Rows = 1_000,
            ParentVersionId = "v-0",
            Initial = new ArtifactRef { Hash = new string('b', 64) },
            Model = new ModelConfig { Model = "Ralm" },
        };

    private static TrainingRunReply Completed() => new() { Status = RunStatus.Completed, Registered = true };

    private static RetrainingState Made() => Made(Test());

    private static RetrainingState Made(ExperimentDefinition? test)
    {
        var state = Opened(test);
        return Then(Settled(Then(state, state.HaveRows(Prepared()))), Completed());
    }

    private static RetrainingState Testing() =>
        Settled(Settled(Then(Made(), new RegistryReply { Family = "city", ChampionVersionId = "v-1" })));

    private static ExperimentReply Verdict(ExperimentStatus status, string winner) =>
        new()
        {
            Status = status,
            Verdict = new Verdict { Winner = winner, Recommendation = "it is better" },
        };

    private static Type Asked(RetrainingState state) => Assert.Single(state.Questions).Region;

    private static T Owed<T>(RetrainingState state) => Assert.IsType<T>(Assert.Single(state.Outbox).Command());

    private static RetrainingState Settled(RetrainingState state, string? refused = null) =>
        Then(
            state,
            state.Settle(
                new Settlement(
                    state.Outbox.First().Key,
                    "",
                    refused is null ? null : Rejections.Invalid("field", "value", refused)
                )
            )
        );

    private static RetrainingState Then(RetrainingState state, IWireMessage heard) => Then(state, state.Hear(heard));

    /// <summary>Also behind a snapshot: at every step it may be photographed and restored.</summary>
    private static RetrainingState Then(RetrainingState state, Decision? decision)
    {
        var next = decision!.Events.Aggregate(state, (s, e) => s.Apply(e));
        var restored = RetrainingState.FromSnapshot(Id, next.ToSnapshot());
        Assert.Equal(next, restored);
        return restored;
    }
}
