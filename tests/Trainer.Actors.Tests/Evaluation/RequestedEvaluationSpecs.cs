using Akka.Actor;
using Akka.TestKit;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Evaluation;

/// <summary>Evaluation of versions that no run has judged, by the real trainer.</summary>
public sealed class RequestedEvaluationSpecs : TrainerTestKit
{
    private const string Grown = "grown";

    private readonly PreparedDataset _data = PlantedData.Open(testRows: 2_000);

    private EvaluationStore Evaluations => new(Store.Folder);

    [Fact]
    public async Task What_a_lineage_has_come_to_is_judged_on_what_the_version_it_grew_from_was_trained_on()
    {
        var trained = await Base();
        var evaluations = Judge(Trainer(_data));
        var reply = await Evaluator(Family(trained), evaluations).Ask<CommandReply>(Asked(Grown), Patience);
        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);

        var recorded = await Registry.ExpectMsgAsync<RecordEvaluation>(Patience);
        Registry.Reply(Accepted(recorded));

        var report = Evaluations.Load(recorded.Evaluation.Hash);
        var its = Evaluations.Load(trained.Evaluation.Hash);
        Assert.Equal((Grown, trained.Artifact.Hash, 2_000), (report.VersionId, report.ArtifactHash, report.Rows));
        Assert.Equal((its.RowsHash, its.ScoresHash), (report.RowsHash, report.ScoresHash));
        Assert.Equal(PlantedData.Hash, recorded.DatasetHash);
        Assert.Equal(its.Auc, recorded.Metrics.Single(m => m.Name == "test_auc").Value, 12);
        // No run made it: it has no learning curve.
        Assert.Empty(report.Epochs);
        await AwaitConditionAsync(
            async () => (await EventsOf("evaluation-city")) is [.., EvaluationHandedOver { Refused: "" }],
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task An_evaluation_cut_off_anywhere_is_taken_up_again_and_comes_out_the_same()
    {
        var trained = await Base();
        var trainer = CreateTestProbe();
        var first = Judge(trainer.Ref);
        await Evaluator(Family(trained), first).Ask<CommandReply>(Asked(Grown), Patience);
        var cutOff = await trainer.ExpectMsgAsync<EvaluateVersion>(Patience);
        await Stop(first);

        var second = Judge(Trainer(_data));
        var recorded = await Registry.ExpectMsgAsync<RecordEvaluation>(Patience);
        await Stop(second);
        var third = Judge(CreateTestProbe().Ref);
        var again = await Registry.FishForMessageAsync<RecordEvaluation>(_ => true, Patience);

        Assert.Equal((Grown, trained.Artifact), (cutOff.Version.VersionId, cutOff.Artifact));
        Assert.Equal(recorded, again);
        third.Tell(Accepted(recorded), Registry.Ref);
        await AwaitConditionAsync(
            async () => (await EventsOf("evaluation-city")) is [.., EvaluationHandedOver],
            Patience,
            Pause
        );
        Assert.Single((await EventsOf("evaluation-city")).OfType<EvaluationEnded>(), IsRequested);
    }

    [Fact]
    public async Task A_second_request_waits_for_the_first_and_does_not_disturb_it()
    {
        var trained = await Base();
        var trainer = CreateTestProbe();
        var evaluator = Evaluator(Family(trained, Version("other", trained)), Judge(trainer.Ref));
        await evaluator.Ask<CommandReply>(Asked(Grown, "c-1"), Patience);
        var first = await trainer.ExpectMsgAsync<EvaluateVersion>(Patience);

        await evaluator.Ask<CommandReply>(Asked("other", "c-2"), Patience);
        await evaluator.Ask<CommandReply>(Asked(Grown, "c-3"), Patience);
        trainer.LastSender.Tell(new TrainingSessionFailed(first.RunId, first.SessionId, "a file is gone", Final: true));

        await trainer.ExpectMsgAsync<CloseTrainingSession>(Patience);
        var second = await trainer.ExpectMsgAsync<EvaluateVersion>(Patience);
        Assert.Equal((Grown, "other"), (first.Version.VersionId, second.Version.VersionId));
        Assert.Equal(
            "a file is gone",
            (await EventsOf("evaluation-city")).OfType<EvaluationEnded>().Single(IsRequested).Reason
        );
    }

    [Fact]
    public async Task A_trainer_that_fails_for_the_moment_is_asked_again_and_not_for_ever()
    {
        var trained = await Base();
        var trainer = CreateTestProbe();
        await Evaluator(Family(trained), Judge(trainer.Ref)).Ask<CommandReply>(Asked(Grown), Patience);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var asked = await trainer.FishForMessageAsync<EvaluateVersion>(_ => true, Patience);
            trainer.LastSender.Tell(new TrainingSessionFailed(asked.RunId, asked.SessionId, "busy", Final: false));
        }

        await AwaitConditionAsync(
            async () => (await EventsOf("evaluation-city")) is [.., EvaluationEnded { Reason: "busy" }],
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task A_late_word_of_the_registry_about_one_evaluation_is_no_word_about_the_next()
    {
        var trained = await Base();
        var evaluations = Judge(Trainer(_data));
        var evaluator = Evaluator(Family(trained, Version("other", trained)), evaluations);
        await evaluator.Ask<CommandReply>(Asked(Grown, "c-1"), Patience);
        await evaluator.Ask<CommandReply>(Asked("other", "c-2"), Patience);
        var first = await Registry.ExpectMsgAsync<RecordEvaluation>(Patience);
        Registry.Reply(Accepted(first));
        var second = await Registry.FishForMessageAsync<RecordEvaluation>(m => m.VersionId == "other", Patience);

        Registry.Reply(Accepted(first));
        // The answer to a question behind it: the late word has been heard.
        var asked = await evaluations.Ask<EvaluationsReply>(new GetEvaluations { Family = "city" }, Patience);

        Assert.Equal(
            [EvaluationStatus.EvaluationRecorded, EvaluationStatus.EvaluationJudged],
            asked.Evaluations.Where(e => e.RunId.Length == 0).Select(e => e.Status)
        );
        Assert.Equal(2, (await EventsOf("evaluation-city")).OfType<EvaluationEnded>().Count(IsRequested));
        Registry.Reply(Accepted(second));
        await AwaitConditionAsync(
            async () => (await EventsOf("evaluation-city")) is [.., EvaluationHandedOver { VersionId: "other" }],
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task A_comparison_takes_the_other_versions_evaluation_on_the_same_rows()
    {
        var trained = await Base();
        var (own, elsewhere) = (new string('1', 64), new string('2', 64));
        var one = Version("one", trained);
        var other = Version("other", trained);
        foreach (var (version, bias) in (IEnumerable<(ModelVersion, float)>)[(one, 0f), (other, 0.1f)])
        {
            (version.DatasetHash, version.Evaluation) = (own, Stored(own, rows: 40, bias));
            version.Evaluations.Add(
                new LaterEvaluation { DatasetHash = elsewhere, Evaluation = Stored(elsewhere, rows: 60, bias) }
            );
        }

        var question = new GetEvaluation
        {
            Family = "city",
            VersionId = "one",
            Against = "other",
            DatasetHash = elsewhere,
        };
        var reply = await Evaluator(Family(trained, one, other), CreateTestProbe().Ref)
            .Ask<EvaluationReply>(question, Patience);

        Assert.Null(reply.Rejection);
        Assert.Equal((60, elsewhere), (reply.Evaluation.Rows, reply.Evaluation.DatasetHash));
        Assert.Equal("other", reply.Comparison.AgainstVersionId);
    }

    /// <summary>An evaluation of made up scores.</summary>
    private EvaluationRef Stored(string dataset, int rows, float bias)
    {
        var scored = new ScoredRows(
            new HeldOutRows
            {
                Labels = { Enumerable.Range(0, rows).Select(k => (float)(k % 2)) },
                Users = { Enumerable.Range(0, rows).Select(k => k % 5) },
                Candidates = { Enumerable.Range(0, rows) },
            },
            new HeldOutScores
            {
                Scores = { Enumerable.Range(0, rows).Select(k => bias + ((k * 7) % rows / (2f * rows))) },
            }
        );
        var version = new JudgedVersion("city", "v", "planted", dataset);
        var card = new ModelCard
        {
            Model = new ModelConfig(),
            SchemaJson = "",
            SchemaId = "s",
        };
        var judged = new EvaluateVersion("r", "s", version, GivenRun.Artifact('a'), []);
        return EvaluationWriter.Write(judged, scored, card, Evaluations).Evaluation;
    }

    [Fact]
    public async Task A_version_made_by_a_run_brings_its_learning_curve()
    {
        var trained = await Base();
        var made = Version("made", trained);
        (made.ProducedBy, made.DatasetHash) = (trained.ProducedBy, trained.DatasetHash);

        await Evaluator(Family(trained, made), Judge(Trainer(_data))).Ask<CommandReply>(Asked("made"), Patience);
        var recorded = await Registry.ExpectMsgAsync<RecordEvaluation>(Patience);

        var epochs = Evaluations.Load(recorded.Evaluation.Hash).Epochs;
        Assert.Equal([1, 2, 3], epochs.Select(e => e.Epoch));
        Assert.Single(epochs, e => e.Best);
    }

    [Fact]
    public async Task A_version_judged_already_is_accepted_and_not_judged_again()
    {
        var trained = await Base();
        var evaluations = CreateTestProbe();

        var reply = await Evaluator(Family(trained), evaluations.Ref)
            .Ask<CommandReply>(Asked(trained.VersionId), Patience);

        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
        await evaluations.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_cannot_be_judged_is_refused_by_name()
    {
        var trained = await Base();
        var lost = Version("lost", trained);
        lost.Artifact = GivenRun.Artifact('c');
        var released = Version("released", trained);
        released.ArtifactReleasedAt = new();
        var orphan = Version("orphan", trained);
        orphan.ParentVersionId = "";
        var family = Family(trained, lost, released, orphan);
        var meta = _data.Meta;

        await Refused(family, meta, Asked("none"), "version_id \"none\" must be a registered version of city");
        await Refused(family, meta, Asked("released"), "version_id \"released\" has given its artefact up");
        await Refused(family, meta, Asked("lost"), "version_id \"lost\" cannot be judged: ");
        await Refused(family, meta, Asked("orphan"), "dataset_path \"\" must be given");
        await Refused(
            family,
            meta with
            {
                Test = 0,
            },
            Asked(Grown),
            "dataset_path \"planted\" must have test rows: its 2,300 rows are for training and validation"
        );
        await Refused(
            family,
            meta with
            {
                SchemaId = "s-2",
            },
            Asked(Grown),
            $"dataset_path \"planted\" must have the feature schema of {Grown}, {PlantedData.Schema.Id}; it has s-2"
        );
        var elsewhere = Asked(Grown);
        (elsewhere.DatasetPath, elsewhere.DatasetHash) = ("planted", new string('e', 64));
        await Refused(family, meta, elsewhere, $"must be that of planted, {PlantedData.Hash}");
        elsewhere.DatasetPath = "";
        await Refused(family, meta, elsewhere, "dataset_path \"\" must be given");
        elsewhere.DatasetPath = "nowhere";
        await Refused(family, null, elsewhere, "dataset_path \"nowhere\" must be a prepared dataset: ");
    }

    private async Task Refused(RegistryReply family, DatasetMeta? data, RequestEvaluation asked, string sentence)
    {
        var evaluator = Evaluator(family, CreateTestProbe().Ref, data is null ? PreparedDataset.Look : _ => data);
        var reply = await evaluator.Ask<CommandReply>(asked, Patience);
        Assert.Equal(CommandOutcome.Rejected, reply.Outcome);
        var said = $"{reply.Rejection.Field} \"{reply.Rejection.Value}\" {reply.Rejection.Rule}";
        Assert.Contains(sentence, said, StringComparison.Ordinal);
    }

    /// <summary>A version trained and judged by a run, as the registry was told.</summary>
    private async Task<RegisterVersion> Base()
    {
        var trained = await RegisteredBy(Run("run-1", Trainer(_data)), GivenRun.Start());
        // One journal has one writer: whoever judged the run's version has nothing left to write.
        await AwaitConditionAsync(
            async () => (await EventsOf("evaluation-city")) is [.., EvaluationHandedOver],
            Patience,
            Pause
        );
        return trained;
    }

    /// <summary>The same weights under another name, as a promotion registers what a lineage has come to.</summary>
    private static ModelVersion Version(string id, RegisterVersion trained) =>
        new()
        {
            VersionId = id,
            Artifact = trained.Artifact,
            ProducedBy = "exp-1/b",
            ParentVersionId = trained.VersionId,
        };

    private static RegistryReply Family(RegisterVersion trained, params ModelVersion[] others) =>
        new()
        {
            Family = "city",
            Versions =
            {
                others
                    .Append(Version(Grown, trained))
                    .Append(
                        new ModelVersion
                        {
                            VersionId = trained.VersionId,
                            Artifact = trained.Artifact,
                            DatasetHash = trained.DatasetHash,
                            ProducedBy = trained.ProducedBy,
                            Evaluation = trained.Evaluation,
                        }
                    ),
            },
        };

    private IActorRef Evaluator(RegistryReply family, IActorRef evaluations, Func<string, DatasetMeta>? look = null)
    {
        var registry = CreateTestProbe();
        registry.SetAutoPilot(
            new DelegateAutoPilot(
                (sender, _) =>
                {
                    sender.Tell(family);
                    return AutoPilot.KeepRunning;
                }
            )
        );
        var regions = new EvaluatedBy(registry.Ref, Run("run-1", CreateTestProbe().Ref), evaluations);
        var (store, meta) = (Store, look ?? (_ => _data.Meta));
        return Sys.ActorOf(Props.Create(() => new EvaluationReaderActor(store, regions, meta)));
    }

    /// <summary>The run that trained the base had its own version judged.</summary>
    private static bool IsRequested(EvaluationEnded ended) => ended.RunId.Length == 0;

    private IActorRef Judge(IActorRef trainer)
    {
        var options = new EvaluationOptions { RetryAfter = TimeSpan.FromMilliseconds(50), MaxAttempts = 3 };
        return Sys.ActorOf(
            Props.Create(() =>
                new EvaluationQueueActor("city", options, TimeProvider.System, trainer, _ => Registry.Ref)
            )
        );
    }

    private static RequestEvaluation Asked(string version, string commandId = "c-judge") =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId },
            Family = "city",
            VersionId = version,
        };

    private static CommandReply Accepted(RecordEvaluation recorded) =>
        new() { CommandId = recorded.Header.CommandId, Outcome = CommandOutcome.Accepted };
}
