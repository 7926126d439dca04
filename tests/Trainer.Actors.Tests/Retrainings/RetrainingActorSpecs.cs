using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.TestKit;
using Google.Protobuf.WellKnownTypes;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Retrainings;

/// <summary>A retraining among probes: what it does at each step, and that whatever ends it, it goes on where it was.</summary>
public sealed class RetrainingActorSpecs : TrainerTestKit
{
    private const string Id = "late-2";
    private const int BatchSize = 50;

    private static readonly RetrainingOptions Options = new()
    {
        AskEvery = TimeSpan.FromMilliseconds(20),
        RetryAfter = TimeSpan.FromMilliseconds(50),
    };

    private readonly List<IEvent> _journal = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-retrainings-").FullName;

    private TestProbe Lineages => field ??= CreateTestProbe();

    private TestProbe Runs => field ??= CreateTestProbe();

    private TestProbe Tests => field ??= CreateTestProbe();

    protected override async Task AfterAllAsync()
    {
        await base.AfterAllAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Killed_at_every_step_it_comes_to_its_end_and_each_is_done_once()
    {
        await GivenLineage(batches: 6);
        await Accepted(Retraining(), Open(minRows: 200));

        // Its rows, though it is ended before it has heard how many there are.
        await Lineages.ExpectMsgAsync<GetLineage>(Patience);
        await KillThen<RetrainingPrepared>(() => AnswerLineage(open: true));
        await KillThen<RetrainingRunBegun>(async () =>
        {
            var start = await Runs.FishForMessageAsync<StartTraining>(_ => true, Patience);
            Take(Runs, start);
            Assert.Equal((Id, "city"), (start.RunId, start.Family));
            var data = PreparedDataset.Open(start.DatasetPath);
            Assert.Equal((start.DatasetHash, 200), (data.Meta.Hash, data.Meta.Rows));
            // Rows as the weights know them.
            Assert.Equal(PlantedData.Schema.Id, data.Meta.SchemaId);
            Assert.Equal(((LineageOpened)_journal[0]).Base, start.Initial);
            Assert.StartsWith(Path.Combine(_folder, $"{Id}-"), start.DatasetPath, StringComparison.Ordinal);
            Assert.Empty(Directory.GetDirectories(_folder, "tables", SearchOption.AllDirectories));
        });
        await KillThen<RetrainingTrained>(async () =>
        {
            await Runs.FishForMessageAsync<GetTrainingRun>(_ => true, Patience);
            Runs.Reply(new TrainingRunReply { Status = RunStatus.Completed, Registered = true });
        });
        await KillThen<RetrainingTestPlanned>(async () =>
        {
            await Registry.FishForMessageAsync<GetRegistry>(_ => true, Patience);
            Registry.Reply(new RegistryReply { Family = "city", ChampionVersionId = "v-1" });
        });
        await KillThen<RetrainingTestCreated>(async () =>
            Take(Tests, await Tests.FishForMessageAsync<CreateExperiment>(_ => true, Patience))
        );
        // Its units are another test's, for a while.
        await Tests.FishForMessageAsync<StartExperiment>(_ => true, Patience);
        Refuse(Tests, "start");
        Take(Tests, await Tests.FishForMessageAsync<StartExperiment>(_ => true, Patience));
        await Journaled<RetrainingTestBegun>();
        await KillThen<RetrainingEnded>(async () =>
        {
            await Tests.FishForMessageAsync<GetExperiment>(_ => true, Patience);
            Tests.Reply(
                new ExperimentReply
                {
                    Status = ExperimentStatus.Promoted,
                    Verdict = new Verdict { Winner = "retrained", Recommendation = "it is better" },
                }
            );
        });
        var word = await Lineages.FishForMessageAsync<RecordRetraining>(_ => true, Patience);
        Take(Lineages, word);

        Assert.Equal(RetrainingOutcome.RetrainingWon, word.Outcome);
        await AwaitAssertAsync(
            async () =>
                Assert.Equal(
                    [
                        typeof(RetrainingOpened),
                        typeof(RetrainingPrepared),
                        typeof(RetrainingRunBegun),
                        typeof(RetrainingTrained),
                        typeof(RetrainingTestPlanned),
                        typeof(RetrainingTestCreated),
                        typeof(RetrainingTestBegun),
                        typeof(RetrainingEnded),
                        typeof(RetrainingToldLineage),
                    ],
                    (await EventsOf($"retraining-{Id}")).Select(e => e.GetType())
                ),
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task Rows_that_are_lacking_are_waited_for_as_long_as_they_may_come()
    {
        await GivenLineage(batches: 3);
        var retraining = Retraining();
        await Accepted(retraining, Open(minRows: 200, since: 2));

        await AnswerLineage(open: true);
        await AwaitAssertAsync(
            async () => Assert.Equal("150 more samples behind batch 2", (await Told(retraining)).WaitingFor),
            Patience,
            Pause
        );
        AddBatches(through: 6);
        await AnswerLineage(open: true);

        await Runs.FishForMessageAsync<StartTraining>(_ => true, Patience);
        var prepared = (await Told(retraining)).Prepared;
        Assert.Equal(
            (200, 200, 3L, 6L),
            (prepared.Rows, prepared.RowsSince, prepared.FirstBatchNr, prepared.LastBatchNr)
        );
    }

    [Theory]
    [InlineData(3, "the lineage has 150 samples, 200 are wanted, and no more come")]
    [InlineData(5, "")]
    public async Task Where_no_more_come_older_ones_make_up_for_them_or_it_ends(int batches, string reason)
    {
        await GivenLineage(batches);
        var retraining = Retraining();
        await Accepted(retraining, Open(minRows: 200, since: batches - 1));

        await AnswerLineage(open: false);
        await AwaitAssertAsync(
            async () => Assert.NotEqual(RetrainingStep.Collecting, (await Told(retraining)).Step),
            Patience,
            Pause
        );

        var told = await Told(retraining);
        Assert.Equal(reason, told.Reason);
        Assert.Equal(
            reason.Length > 0 ? RetrainingOutcome.RetrainingFailed : RetrainingOutcome.Retraining,
            told.Outcome
        );
        Assert.Equal(reason.Length > 0 ? null : 50, told.Prepared?.RowsSince);
    }

    [Fact]
    public async Task Rows_that_make_no_dataset_end_it_with_the_reason()
    {
        await GivenLineage(batches: 6);
        foreach (var sample in _journal.OfType<BatchAccepted>().SelectMany(b => b.Samples))
        {
            sample.Label = 0;
        }

        var retraining = Retraining();
        await Accepted(retraining, Open(minRows: 200));
        await AnswerLineage(open: true);

        await AwaitAssertAsync(
            async () =>
                Assert.StartsWith(
                    "its rows make no dataset",
                    (await Told(retraining)).Reason,
                    StringComparison.Ordinal
                ),
            Patience,
            Pause
        );
    }

    [Fact]
    public void Every_id_has_a_folder_of_its_own_below_the_one_for_all()
    {
        string[] ids = ["..", ".", "a/b", "a_b", "a:b", "/", "../models", new string('/', 120), new string('x', 120)];

        var folders = ids.Select(RowCollector.FolderOf).ToArray();

        Assert.Distinct(folders);
        Assert.All(folders, f => Assert.Equal(_folder, Path.GetDirectoryName(Path.GetFullPath(f, _folder))));
        Assert.All(folders, f => Assert.InRange(f.Length, 17, 100));
    }

    private async Task GivenLineage(int batches)
    {
        _journal.Add(
            new LineageOpened
            {
                Family = "city",
                VersionId = "v-1",
                Base = await TrainedBase(),
            }
        );
        AddBatches(batches);
    }

    private void AddBatches(int through)
    {
        for (var nr = _journal.Count; nr <= through; nr++)
        {
            var batch = new BatchAccepted { BatchNr = nr };
            for (var k = 0; k < BatchSize; k++)
            {
                var sample = PlantedData.Sample((nr * BatchSize) + k);
                sample.OccurredAt = Timestamp.FromDateTimeOffset(
                    DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (nr * BatchSize) + k)
                );
                batch.Samples.Add(sample);
            }

            _journal.Add(batch);
        }
    }

    private async Task AnswerLineage(bool open)
    {
        await Lineages.FishForMessageAsync<GetLineage>(_ => true, Patience);
        Lineages.Reply(
            new LineageReply
            {
                LineageId = "late",
                Open = open,
                Settings = new LineageSettings(),
                SamplesAccepted = _journal.OfType<BatchAccepted>().Sum(b => b.Samples.Count),
            }
        );
    }

    /// <summary>What one has asked that has been ended, nobody waits for.</summary>
    private async Task KillThen<T>(Func<Task> then)
        where T : IEvent
    {
        await Stop(_retraining!);
        foreach (var probe in (TestProbe[])[Lineages, Runs, Registry, Tests])
        {
            while (probe.HasMessages)
            {
                await probe.ReceiveOneAsync(Patience);
            }
        }

        Retraining();
        await then();
        await Journaled<T>();
    }

    private Task Journaled<T>()
        where T : IEvent =>
        AwaitAssertAsync(async () => Assert.Single((await EventsOf($"retraining-{Id}")).OfType<T>()), Patience, Pause);

    private IActorRef? _retraining;

    private IActorRef Retraining()
    {
        // There before an actor asks for them.
        _ = (Lineages, Runs, Tests, Registry);
        return _retraining = Sys.ActorOf(
            Props.Create(() =>
                new RetrainingActor(
                    Id,
                    Options,
                    TimeProvider.System,
                    _folder,
                    Store,
                    Way,
                    _ => Source.From(_journal.ToArray())
                )
            )
        );
    }

    private ICanTell Way(System.Type region) =>
        region == typeof(LineageRegion) ? Lineages.Ref
        : region == typeof(TrainingRunRegion) ? Runs.Ref
        : region == typeof(RegistryRegion) ? Registry.Ref
        : Tests.Ref;

    private static OpenRetraining Open(int minRows, long since = 0) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"open-{Id}" },
            RetrainingId = Id,
            LineageId = "late",
            SinceBatchNr = since,
            Plan = new RetrainingPlan
            {
                MinRows = minRows,
                MaxRows = minRows,
                Experiment = new ExperimentDefinition { Metric = "match" },
            },
        };

    private static Task<RetrainingReply> Told(IActorRef retraining) =>
        retraining.Ask<RetrainingReply>(new GetRetraining { RetrainingId = Id }, Patience);

    private static void Take(TestProbe probe, ICommand command) =>
        probe.Reply(new CommandReply { CommandId = command.Header.CommandId, Outcome = CommandOutcome.Accepted });

    private static void Refuse(TestProbe probe, string what) =>
        probe.Reply(
            new CommandReply
            {
                CommandId = $"{what}:{Id}-test:{Id}",
                Outcome = CommandOutcome.Rejected,
                Rejection = Rejections.Conflict("experiment_id", Id, "must wait for its units"),
            }
        );
}
