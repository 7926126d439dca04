using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class StudyStateSpecs
{
    [Fact]
    public void A_study_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<StudyState>("study-1", NextCommand)
        {
            Effect = NextEffect,
            Invariant = (state, journal) =>
            {
                Assert.True(state.Started is null || state.UnderWay.Count() <= state.Definition.MaxParallel);
                Assert.Equal(Enumerable.Range(1, state.Trials.Count), state.Trials.Select(t => t.Number));
                var runs = journal.OfType<TrialStarted>().Select(e => e.RunId).ToArray();
                Assert.Equal(runs.Length, runs.Distinct().Count());
            },
        }.Check();

    [Fact]
    public void As_many_trials_start_as_may_run_at_once_and_the_next_when_one_is_over()
    {
        var state = GivenStudy.Started(GivenStudy.Definition(maxParallel: 3));
        Assert.Equal(["study-1:1", "study-1:2", "study-1:3"], state.UnderWay.Select(t => t.RunId));

        state = state.Report(2, GivenStudy.Run([0.5], RunStatus.Completed));

        Assert.Equal([1, 3, 4], state.UnderWay.Select(t => t.Number));
    }

    [Fact]
    public void A_suggestion_of_Tpe_waits_for_the_trials_it_rests_on_and_looks_at_no_other()
    {
        var definition = GivenStudy.Definition(SearchMethod.Tpe, trials: 20, maxParallel: 4, lag: 4);
        definition.Tpe.StartupTrials = 1;
        var state = GivenStudy.Started(definition);

        // Trial 5 rests on trial 1 alone.
        state = state.Report(3, GivenStudy.Run([0.9], RunStatus.Completed));
        Assert.Equal([1, 2, 4], state.UnderWay.Select(t => t.Number));

        state = state.Report(1, GivenStudy.Run([0.5], RunStatus.Completed));
        Assert.Equal([2, 4, 5], state.UnderWay.Select(t => t.Number));
    }

    [Fact]
    public void A_cancelled_study_keeps_what_has_ended_and_runs_the_rest_anew_when_resumed()
    {
        var state = GivenStudy
            .Started(GivenStudy.Definition(trials: 3, maxParallel: 2))
            .Report(1, GivenStudy.Run([0.7], RunStatus.Completed))
            .Report(2, GivenStudy.Run([0.1, 0.2]))
            .Take(s => s.Decide(GivenStudy.Cancel(), GivenStudy.Now));
        Assert.All(state.UnderWay, t => Assert.False(state.Wants(t)));
        var early = state.Decide(GivenStudy.Resume(), GivenStudy.Now);

        state = state
            .Report(2, GivenStudy.Run([0.1, 0.2], RunStatus.Cancelled))
            .Report(3, GivenStudy.Run([0.3], RunStatus.Completed));
        Assert.Empty(state.UnderWay);
        state = state.Take(s => s.Decide(GivenStudy.Resume(), GivenStudy.Now));

        Assert.Equal(RejectionCode.Conflict, early.Rejection!.Code);
        var again = Assert.Single(state.UnderWay);
        Assert.Equal(("study-1:2:2", 2), (again.RunId, again.Attempt));
        Assert.Equal(TrialOutcome.TrialCompleted, state.Trials[2].Outcome);

        // The new run comes past what the old one had shown.
        state = state.Report(2, GivenStudy.Run([0.1, 0.2, 0.3], RunStatus.Completed));
        Assert.Equal((StudyStatus.SearchCompleted, 1), (state.Phase, state.Best!.Number));
        Assert.Equal([0.1, 0.2, 0.3], state.Trials[1].Values);
    }

    [Fact]
    public void A_watcher_of_an_older_lease_is_not_heard()
    {
        var state = GivenStudy.Started(GivenStudy.Definition()).Take(s => s.Lapse(1, 1, 1));
        var run = GivenStudy.Run([0.5], RunStatus.Completed);

        Assert.Null(state.Report(1, 1, 1, run));
        Assert.Null(state.Lapse(1, 1, 1));
        Assert.NotNull(state.Report(1, 1, 2, run));
        Assert.Equal("study-1:1", state.Trials[0].RunId);
    }

    [Fact]
    public void A_pruned_trial_holds_its_place_until_its_run_is_over()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Asha, trials: 3, maxParallel: 2);
        var state = GivenStudy.Started(definition).Report(1, GivenStudy.Run([0.9])).Report(2, GivenStudy.Run([0.1]));
        Assert.Equal(TrialOutcome.TrialPruned, state.Trials[1].Outcome);
        Assert.Equal([1, 2], state.UnderWay.Select(t => t.Number));
        Assert.Equal("cancel:study-1:2", state.CancelOf(state.Trials[1]).Header.CommandId);

        state = state.Report(2, GivenStudy.Run([0.1, 0.2], RunStatus.Cancelled));

        Assert.Equal([1, 3], state.UnderWay.Select(t => t.Number));
        Assert.Equal([0.1], state.Trials[1].Values);
    }

    [Fact]
    public void A_run_cancelled_by_somebody_else_is_a_failed_trial()
    {
        var state = GivenStudy.Started(GivenStudy.Definition()).Report(1, GivenStudy.Run([0.1], RunStatus.Cancelled));

        Assert.Equal(TrialOutcome.TrialFailed, state.Trials[0].Outcome);
        Assert.Contains("cancelled", state.Trials[0].Reason);
    }

    [Fact]
    public void A_study_whose_first_trials_all_fail_gives_up_with_their_reason()
    {
        var state = GivenStudy.Started(GivenStudy.Definition(trials: 100, maxParallel: 7));
        for (var trial = 1; trial <= 5; trial++)
        {
            state = state.Take(s => s.Refuse(trial, 1, 1, "no such dataset"));
        }

        Assert.Equal(StudyStatus.SearchFailed, state.Phase);
        Assert.Contains("no such dataset", state.Reason);
        Assert.NotEmpty(state.UnderWay);
        Assert.All(state.UnderWay, t => Assert.False(state.Wants(t)));
    }

    [Fact]
    public void The_best_trial_alone_is_registered_and_of_equal_ones_the_first()
    {
        var definition = GivenStudy.Definition(trials: 3);
        definition.Family = "city";
        var state = GivenStudy.Started(definition);
        foreach (var auc in new[] { 0.5, 0.8, 0.8 })
        {
            state = state.Report(state.Trials.Count, GivenStudy.Run([auc], RunStatus.Completed));
        }

        Assert.True(state.OwesRegistration);
        var version = state.Registration();
        Assert.Equal(
            ("city", "study-1", "training-run/study-1:2"),
            (version.Family, version.VersionId, version.ProducedBy)
        );
        Assert.Equal(("s-1", "1.2.3"), (version.SchemaId, version.CodeVersion));
        Assert.All(state.Trials, t => Assert.Equal("", state.StartOf(t).Family));

        state = state.Take(s => s.Settle(new Settlement("version", "", null)));
        Assert.True(((StudyReply)state.Answer(new GetStudy())).Registered);
        Assert.Null(state.Settle(new Settlement("version", "", null)));
    }

    [Fact]
    public void Starting_again_with_the_same_definition_changes_nothing_and_with_another_is_refused()
    {
        var state = GivenStudy.Started(GivenStudy.Definition());

        Assert.Equal(
            Decision.Nothing,
            state.Decide(GivenStudy.Start(GivenStudy.Definition(), commandId: "c-9"), GivenStudy.Now)
        );
        Assert.Equal(
            RejectionCode.Conflict,
            state.Decide(GivenStudy.Start(GivenStudy.Definition(seed: 2)), GivenStudy.Now).Rejection!.Code
        );
    }

    [Fact]
    public void Trials_are_listed_in_pages()
    {
        var state = GivenStudy.Played(GivenStudy.Definition(trials: 12), _ => 0.5);

        var page = (TrialsReply)state.Answer(new GetTrials { From = 5, Count = 3 });

        Assert.Equal([5, 6, 7], page.Trials.Select(t => t.Number));
        Assert.Equal(12, ((TrialsReply)state.Answer(new GetTrials())).Trials.Count);
    }

    private static ICommand NextCommand(Random random, StudyState state, int nr) =>
        random.Next(6) switch
        {
            0 => GivenStudy.Cancel($"c-{nr}"),
            1 => GivenStudy.Resume($"c-{nr}"),
            _ => GivenStudy.Start(
                GivenStudy.Definition(
                    (SearchMethod)random.Next(1, 4),
                    (PruningRule)random.Next(1, 4),
                    trials: random.Next(1, 6),
                    maxParallel: random.Next(1, 4)
                ),
                commandId: $"c-{nr}"
            ),
        };

    private static Decision? NextEffect(Random random, StudyState state)
    {
        if (state.Started is null || state.Trials.IsEmpty)
        {
            return null;
        }

        var trial = state.Trials[random.Next(state.Trials.Count)];
        var lease = Math.Max(1, trial.Lease - random.Next(2));
        var aucs = Enumerable.Range(0, random.Next(5)).Select(_ => random.NextDouble());
        return random.Next(8) switch
        {
            0 => state.Lapse(trial.Number, trial.Attempt, lease),
            1 => state.Refuse(trial.Number, trial.Attempt, lease, "no"),
            2 or 3 => state.GoOn(),
            4 => state.Report(
                trial.Number,
                trial.Attempt,
                lease,
                GivenStudy.Run(aucs.Append(0.5), RunStatus.Completed)
            ),
            5 => state.Report(trial.Number, trial.Attempt, lease, GivenStudy.Run(aucs, RunStatus.Cancelled)),
            _ => state.Report(trial.Number, trial.Attempt, lease, GivenStudy.Run(aucs)),
        };
    }
}
