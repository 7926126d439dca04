using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class StudyActorSpecs : TrainerTestKit
{
    [Fact]
    public async Task A_study_trains_its_trials_prunes_some_and_registers_the_best_alone()
    {
        var node = Node();

        var study = await Finished(node, "study-1", Definition());

        Assert.True(study.Pruned > 0 && study.Completed > 0, $"{study.Pruned} pruned, {study.Completed} completed");
        var registry = await node.Ask<RegistryReply>(new GetRegistry { Family = "city" }, Patience);
        var version = Assert.Single(registry.Versions);
        Assert.Equal(("study-1", study.Best.End.Artifact), (version.VersionId, version.Artifact));
        Assert.Equal(PlantedData.Schema.Id, version.SchemaId);
        Assert.Equal(study.Best.Config, version.Config);
        foreach (var trial in (await Trials(node, "study-1")).Trials)
        {
            var run = await Journaled(trial.RunId);
            Assert.Equal(trial.Config, run.OfType<TrainingStarted>().Single().Config);
            Assert.True(run[^1] is TrainingCompleted or TrainingCancelled, $"{run[^1]}");
        }
    }

    [Fact]
    public async Task The_best_version_is_judged_on_the_test_rows_once_the_study_has_ended()
    {
        var node = Node(new StudyNodeOptions { Data = () => PlantedData.Open(testRows: 500) });

        var study = await Finished(node, "study-1", Definition(trials: 2));

        var version = new ModelVersion();
        await Eventually.Is(async () =>
        {
            var registry = await node.Ask<RegistryReply>(new GetRegistry { Family = "city" }, Patience);
            version = registry.Versions.Single();
            return version.Evaluations.Count > 0;
        });
        var report = new EvaluationStore(Store.Folder).Load(Assert.Single(version.Evaluations).Evaluation.Hash);
        Assert.Equal(("study-1", study.Best.End.Artifact.Hash), (report.VersionId, report.ArtifactHash));
        Assert.Equal((500, study.Best.Values.Count), (report.Rows, report.Epochs.Count));
        Assert.Equal("", (await Study(node, "study-1")).NotEvaluated);
    }

    [Fact]
    public async Task A_study_on_data_without_test_rows_says_that_its_best_is_not_judged()
    {
        var node = Node();

        await Finished(node, "study-1", Definition(trials: 2));

        await Eventually.Is(async () => (await Study(node, "study-1")).NotEvaluated.Contains("must have test rows"));
        Assert.IsType<BestEvaluationAsked>((await EventsOf("study-study-1"))[^1]);
    }

    [Fact]
    public async Task A_study_whose_node_dies_at_any_point_ends_with_the_same_trials_and_weights()
    {
        var whole = Node();
        await Finished(whole, "whole", Definition());
        var expected = await Found(whole, "whole");
        await Kill(whole);
        foreach (var messages in (int[])[0, 1, 4, 9, 15, 22, 33, 47, 60])
        {
            var id = $"killed-{messages}";
            var observer = CreateTestProbe();
            var first = Node(new StudyNodeOptions { DiesAfter = messages, Observer = observer.Ref });
            await Accepted(first, GivenStudy.Start(Definition(), id));
            await observer.ExpectMsgAsync<Relay.Dead>(Patience);
            await Kill(first);
            var before = await EventsOf($"study-{id}");

            var second = Node();
            second.Tell(new StudyNode.Wake(id));
            await Finished(second, id);

            Assert.Equal(expected, await Found(second, id));
            var after = await EventsOf($"study-{id}");
            Assert.Equal(before, after.Take(before.Count));
            Assert.Single(after.OfType<StudyCompleted>());
            await EachRunWasTrainedOnce(after);
            await Kill(second);
        }
    }

    [Fact]
    public async Task A_cancelled_study_leaves_no_run_alive_and_ends_the_same_once_resumed()
    {
        var node = Node();
        await Finished(node, "whole", Definition());
        var expected = await Found(node, "whole");
        await Accepted(node, GivenStudy.Start(Definition(), "study-1"));
        await Eventually.Is(async () => (await Study(node, "study-1")).Epochs >= 3);

        await Accepted(node, GivenStudy.Cancel());
        await Eventually.Is(async () => (await Study(node, "study-1")).Running == 0);
        foreach (var trial in (await Trials(node, "study-1")).Trials)
        {
            Assert.True((await Journaled(trial.RunId))[^1] is TrainingCompleted or TrainingCancelled);
        }

        await Accepted(node, GivenStudy.Resume());
        await Finished(node, "study-1");

        Assert.Equal(expected, await Found(node, "study-1"));
    }

    [Fact]
    public async Task A_hundred_queued_trials_end_with_a_few_runs_in_memory()
    {
        var most = 0;
        var node = Node(
            new StudyNodeOptions { Data = () => PlantedData.Open(40, 20), Alive = n => most = Math.Max(most, n) }
        );
        var definition = Definition(trials: 100, maxParallel: 4);
        definition.Config.MaxEpochs = 1;

        var study = await Finished(node, "study-1", definition);

        Assert.Equal((100, 100), (study.Started, study.Completed));
        Assert.InRange(most, 4, 8);
    }

    [Fact]
    public async Task A_run_without_progress_is_started_again_without_a_second_effect()
    {
        var runs = CreateTestProbe();
        var options = new StudyOptions { Lease = TimeSpan.FromMilliseconds(150) };
        var study = Sys.ActorOf(
            Props.Create(() => new StudyActor("study-1", options, TimeProvider.System, runs.Ref, runs.Ref, runs.Ref))
        );
        await Accepted(study, GivenStudy.Start(Definition(maxParallel: 1)));

        var first = await runs.ExpectMsgAsync<StartTraining>(Patience);
        var old = runs.LastSender;
        var second = await runs.FishForMessageAsync<StartTraining>(m => !runs.LastSender.Equals(old), Patience);

        Assert.Equal(first, second);
        await AwaitConditionAsync(
            async () => (await EventsOf("study-study-1")).Any(e => e is TrialLapsed),
            Patience,
            Pause
        );
    }

    [Theory]
    [InlineData(RunStatus.Training, 2)]
    [InlineData(RunStatus.Paused, 0)]
    public async Task A_run_that_waits_for_the_trainer_or_for_a_person_keeps_its_lease(RunStatus phase, int place)
    {
        var runs = CreateTestProbe();
        var look = TimeSpan.FromMilliseconds(200);
        var options = new StudyOptions
        {
            Lease = 10 * look,
            LookMin = look,
            LookMax = look,
        };
        var study = Sys.ActorOf(
            Props.Create(() => new StudyActor("study-1", options, TimeProvider.System, runs.Ref, runs.Ref, runs.Ref))
        );
        await Accepted(study, GivenStudy.Start(Definition(maxParallel: 1)));
        var start = await runs.ExpectMsgAsync<StartTraining>(Patience);
        runs.Reply(new CommandReply { CommandId = start.Header.CommandId, Outcome = CommandOutcome.Accepted });

        // Longer than a lease, which is so long that no busy machine outlasts it between two looks.
        for (var looks = 0; looks < 13; looks++)
        {
            await runs.FishForMessageAsync<GetTrainingRun>(_ => true, Patience);
            runs.Reply(
                new TrainingRunReply
                {
                    RunId = start.RunId,
                    Status = phase,
                    Config = start.Config,
                    Progress = new Progress { QueuePlace = place },
                }
            );
        }

        Assert.DoesNotContain(await EventsOf("study-study-1"), e => e is TrialLapsed);
    }

    [Fact]
    public async Task A_run_that_is_not_wanted_is_started_and_cancelled_until_it_is_known_to_be_over()
    {
        var runs = CreateTestProbe();
        var options = new StudyOptions { RetryAfter = TimeSpan.FromMilliseconds(50) };
        var study = Sys.ActorOf(
            Props.Create(() => new StudyActor("study-1", options, TimeProvider.System, runs.Ref, runs.Ref, runs.Ref))
        );
        await Accepted(study, GivenStudy.Start(Definition(maxParallel: 1)));
        await runs.ExpectMsgAsync<StartTraining>(Patience);

        // The start was lost, or is late: only a run that exists can be cancelled for good.
        await Accepted(study, GivenStudy.Cancel());
        for (var time = 0; time < 2; time++)
        {
            await runs.ExpectMsgAsync<StartTraining>(Patience);
        }

        runs.Reply(new CommandReply { CommandId = "start:study-1:1", Outcome = CommandOutcome.Accepted });
        for (var time = 0; time < 2; time++)
        {
            var cancel = await runs.FishForMessageAsync<CancelTraining>(_ => true, Patience);
            Assert.Equal("cancel:study-1:1", cancel.Header.CommandId);
        }

        Assert.Equal(1, (await Study(study, "study-1")).Running);
        runs.Reply(new CommandReply { CommandId = "cancel:study-1:1", Outcome = CommandOutcome.Accepted });
        await runs.FishForMessageAsync<GetTrainingRun>(_ => true, Patience);
        runs.Reply(GivenStudy.Run([0.5], RunStatus.Cancelled));

        await Eventually.Is(async () => (await Study(study, "study-1")).Running == 0);
        Assert.IsType<TrialRunStopped>((await EventsOf("study-study-1"))[^1]);
    }

    [Fact]
    public async Task A_run_of_somebody_else_under_the_trials_name_fails_the_trial()
    {
        var node = Node();
        var foreign = GivenRun.Start("study-1:1", maxEpochs: 1);
        await Accepted(node, foreign);

        var study = await Finished(node, "study-1", Definition(trials: 2));

        var trials = await Trials(node, "study-1");
        Assert.Equal((1, 1), (study.Failed, study.Completed));
        Assert.Contains("another's", trials.Trials[0].Reason);
    }

    /// <summary>Two runs at a time on data where some learn much faster: 200 rows, 4 batches an epoch, 4 epochs.</summary>
    private static StudyDefinition Definition(int trials = 8, int maxParallel = 2)
    {
        var run = GivenRun.Start(maxEpochs: 4, patience: 4);
        return new StudyDefinition
        {
            DatasetPath = run.DatasetPath,
            DatasetHash = run.DatasetHash,
            Config = run.Config,
            Parameters =
            {
                GivenStudy.Real("optimizer.learning_rate", 1e-5, 1e-1, log: true),
                GivenStudy.Whole("model.hidden_dim", 8, 32, 8),
            },
            Method = SearchMethod.Tpe,
            Tpe = new TpeConfig { StartupTrials = 3 },
            Pruning = new PruningConfig { Rule = PruningRule.Asha, Eta = 2 },
            Trials = trials,
            MaxParallel = maxParallel,
            RandomSeed = 7,
            Family = "city",
        };
    }

    private IActorRef Node(StudyNodeOptions? options = null)
    {
        var (with, store) = (options ?? new StudyNodeOptions(), Store);
        return Sys.ActorOf(Props.Create(() => new StudyNode(with, store)));
    }

    private static Task Kill(IActorRef node) => node.GracefulStop(Patience);

    private static Task<StudyReply> Study(IActorRef node, string id) =>
        node.Ask<StudyReply>(new GetStudy { StudyId = id }, Patience);

    private static Task<TrialsReply> Trials(IActorRef node, string id) =>
        node.Ask<TrialsReply>(new GetTrials { StudyId = id }, Patience);

    private async Task<StudyReply> Finished(IActorRef node, string id, StudyDefinition definition)
    {
        await Accepted(node, GivenStudy.Start(definition, id));
        return await Finished(node, id);
    }

    private async Task<StudyReply> Finished(IActorRef node, string id)
    {
        var study = new StudyReply();
        await Eventually.Is(async () =>
        {
            study = await Study(node, id);
            Assert.NotEqual(StudyStatus.SearchFailed, study.Status);
            return study is { Status: StudyStatus.SearchCompleted, Running: 0, Registered: true };
        });
        return study;
    }

    /// <summary>Everything a study found, weights included.</summary>
    private static async Task<string> Found(IActorRef node, string id)
    {
        var trials = (await Trials(node, id)).Trials;
        return string.Join(
            '\n',
            trials
                .Select(t =>
                    $"{t.Number} {t.Parameters} {t.Outcome} {t.Epoch} {t.Value:R} "
                    + (t.Outcome == TrialOutcome.TrialCompleted ? t.End.Artifact.WeightsHash : "")
                )
                .Append($"best {(await Study(node, id)).Best.Number}")
        );
    }

    private async Task EachRunWasTrainedOnce(IReadOnlyList<IEvent> study)
    {
        foreach (var trial in study.OfType<TrialStarted>())
        {
            Assert.Equal(1, trial.Attempt);
            var run = await Journaled(trial.RunId);
            Assert.Single(run.OfType<TrainingStarted>());
            Assert.Equal(
                Enumerable.Range(1, run.OfType<EpochCompleted>().Count()),
                run.OfType<EpochCompleted>().Select(e => e.Epoch)
            );
            Assert.Single(run, e => e is TrainingCompleted or TrainingCancelled or TrainingFailed);
        }
    }
}
