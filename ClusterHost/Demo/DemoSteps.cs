using RalmActors.ClusterHost.Client;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Demo;

/// <summary>
/// The steps a matching service's team takes, each a message: train, serve, open a lineage, run an experiment, promote.
/// </summary>
public sealed class DemoSteps(ServiceClient service, string runTag)
{
    public const string Frozen = "frozen";
    public const string Online = "online";

    private const int RepresentationEpochs = 2;
    private const int MaxEpochs = 6;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public string RunId => $"city-{runTag}";

    public string VersionId => $"city-{runTag}";

    public string ExperimentId => $"city-online-{runTag}";

    public string OnlineLineage => $"city-online-{runTag}";

    /// <summary>Trains offline; reports (share done, text) until the registry has the version.</summary>
    public async Task<TrainingRunReply> Train(
        string datasetPath,
        string datasetHash,
        int seed,
        Action<double, string> progress,
        CancellationToken ct
    )
    {
        await service.Tell<TrainingRunRegion>(
            new StartTraining
            {
                Header = Header("train"),
                RunId = RunId,
                DatasetPath = datasetPath,
                DatasetHash = datasetHash,
                Family = DemoRunner.Family,
                VersionId = VersionId,
                Config = Bold(seed),
            },
            ct
        );
        while (true)
        {
            var run = await service.Ask<TrainingRunRegion, TrainingRunReply>(new GetTrainingRun { RunId = RunId }, ct);
            var best = run.Epochs.Count == 0 ? 0 : run.Epochs.Max(e => e.ValidAuc);
            var within = run.Progress is { BatchesPerEpoch: > 0 } p ? (double)p.Batch / p.BatchesPerEpoch : 0;
            progress(
                Math.Min(1, (run.Epochs.Count + within) / (RepresentationEpochs + MaxEpochs)),
                $"epoch {run.Epochs.Count}, AUC {best:F4}"
            );
            switch (run.Status)
            {
                case RunStatus.Completed when run.Registered:
                    progress(1, $"{run.Epochs.Count} epochs, AUC {best:F4}");
                    return run;
                case RunStatus.Failed or RunStatus.Cancelled:
                    throw new InvalidOperationException($"training run {RunId}: {run.Reason}");
            }

            await Task.Delay(Poll, ct);
        }
    }

    public Task MakeChampion(CancellationToken ct) =>
        service.Tell<RegistryRegion>(
            new SetStage
            {
                Header = Header("first-champion"),
                Family = DemoRunner.Family,
                VersionId = VersionId,
                Stage = Stage.Champion,
                Reason = "first model of the city",
            },
            ct
        );

    /// <summary>A lineage that learns from each arm: "champion" from the frozen one's traffic, ours from its own.</summary>
    public async Task OpenLineages(ArtifactRef artifact, CancellationToken ct)
    {
        foreach (var lineage in new[] { "champion", OnlineLineage })
        {
            await service.Tell<LineageRegion>(
                new OpenLineage
                {
                    Header = Header($"open-{lineage}"),
                    LineageId = lineage,
                    Family = DemoRunner.Family,
                    VersionId = VersionId,
                    Base = artifact,
                    BatchSize = 32,
                    // Not in the evening: on two cores it would take the time of those who are there.
                    Retraining = new RetrainingPlan { Trigger = RetrainingTrigger.Never },
                },
                ct
            );
        }
    }

    /// <summary>
    /// The first model goes on learning from what has come behind the alarm, and is tested against what has become the champion.
    /// </summary>
    /// <returns>The retraining's id.</returns>
    public async Task<string> Retrain(DriftAlarm alarm, int seed, CancellationToken ct)
    {
        var command = new OpenRetraining
        {
            Header = Header("retrain"),
            RetrainingId = $"{OnlineLineage}-{alarm.BatchNr}",
            LineageId = OnlineLineage,
            SinceBatchNr = alarm.BatchNr,
            Reason = $"the alarm of batch {alarm.BatchNr}",
            Plan = new RetrainingPlan
            {
                MinRows = 500,
                Config = Retrained(seed),
                Experiment = new ExperimentDefinition
                {
                    Metric = DemoRunner.Metric,
                    MinUnitsPerArm = 300,
                    // Somebody is waiting.
                    MaxSeconds = 20,
                    Promotion = Quick(),
                },
            },
        };
        await service.Tell<RetrainingRegion>(command, ct);
        return command.RetrainingId;
    }

    public Task<RetrainingReply> Retraining(string retrainingId, CancellationToken ct) =>
        service.Ask<RetrainingRegion, RetrainingReply>(new GetRetraining { RetrainingId = retrainingId }, ct);

    public async Task StartExperiment(CancellationToken ct)
    {
        await service.Tell<AbTestRegion>(
            new CreateExperiment
            {
                Header = Header("create-test"),
                ExperimentId = ExperimentId,
                Definition = new ExperimentDefinition
                {
                    Family = DemoRunner.Family,
                    Metric = DemoRunner.Metric,
                    MinUnitsPerArm = 500,
                    Alpha = 0.01,
                    OnVerdict = AutomaticAction.Stop,
                    Segments =
                    {
                        new Segment { Feature = "district", Values = { City.Districts } },
                    },
                    Promotion = Quick(),
                    Arms =
                    {
                        new Arm
                        {
                            Name = Frozen,
                            Weight = 5000,
                            VersionId = VersionId,
                        },
                        new Arm
                        {
                            Name = Online,
                            Weight = 5000,
                            LineageId = OnlineLineage,
                        },
                    },
                },
            },
            ct
        );
        await service.Tell<AbTestRegion>(
            new StartExperiment { Header = Header("start-test"), ExperimentId = ExperimentId },
            ct
        );
    }

    public Task<ExperimentReply> Test(CancellationToken ct) =>
        service.Ask<AbTestRegion, ExperimentReply>(new GetExperiment { ExperimentId = ExperimentId }, ct);

    /// <summary>Ends the experiment if it has not decided by itself, and promotes a winner step by step.</summary>
    /// <param name="visits">People who come meanwhile: a shadow scores their requests, a rollout is shown to them.</param>
    public async Task<(ExperimentReply Test, RegistryReply Registry)> DecideAndPromote(
        Func<Task> visits,
        Action<string> progress,
        CancellationToken ct
    )
    {
        var experiment = await Test(ct);
        if (experiment.Verdict is null)
        {
            var stop = new StopExperiment
            {
                Header = Header("stop-test"),
                ExperimentId = ExperimentId,
                Reason = "the city's evening is over",
            };
            await service.Tell<AbTestRegion>(stop, ct);
            experiment = await Test(ct);
        }

        if (experiment.Verdict is { Winner.Length: > 0 })
        {
            await service.Tell<AbTestRegion>(
                new PromoteWinner { Header = Header("promote"), ExperimentId = ExperimentId },
                ct
            );
            while (experiment.Status is not (ExperimentStatus.Promoted or ExperimentStatus.RolledBack))
            {
                await visits();
                await Task.Delay(Poll, ct);
                experiment = await Test(ct);
                progress(experiment.History[^1].What);
            }
        }

        progress(Outcome(experiment));
        var registry = await service.Ask<RegistryRegion, RegistryReply>(
            new GetRegistry { Family = DemoRunner.Family },
            ct
        );
        return (experiment, registry);
    }

    /// <summary>What has come of it, for the line that stays on the screen.</summary>
    public static string Outcome(ExperimentReply experiment) =>
        experiment.Status switch
        {
            ExperimentStatus.Promoted => $"{experiment.Verdict.Winner} is the champion",
            ExperimentStatus.RolledBack => $"taken back, nothing is promoted: {experiment.History[^1].Reason}",
            _ => "no arm has won, so nothing is promoted",
        };

    /// <summary>Waits until every user's samples are learned; then the lineage's weights are the journal's.</summary>
    public async Task<SampleLedger> Settle(IEnumerable<string> userIds, TimeSpan patience, CancellationToken ct)
    {
        var ids = userIds.ToArray();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        while (true)
        {
            var ledger = await Ledger(ids, ct);
            if (ledger.Pending == 0 || limit.IsCancellationRequested)
            {
                return ledger;
            }

            await Task.Delay(Poll, ct);
        }
    }

    private async Task<SampleLedger> Ledger(string[] userIds, CancellationToken ct)
    {
        var (accepted, pending) = (0L, 0L);
        await Parallel.ForEachAsync(
            userIds,
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = ct },
            async (id, token) =>
            {
                var user = await service.Ask<UserRegion, UserReply>(new GetUser { UserId = id }, token);
                Interlocked.Add(ref accepted, user.SamplesAccepted);
                Interlocked.Add(ref pending, user.SamplesPending);
            }
        );
        return new SampleLedger(accepted, pending);
    }

    public Task<LineageReply> Checkpoint(string lineage, CancellationToken ct) =>
        service.Tell<LineageRegion, LineageReply>(
            new CheckpointLineage { Header = Header($"checkpoint-{lineage}"), LineageId = lineage },
            ct
        );

    public Task<LineageReply> Lineage(string lineage, CancellationToken ct) =>
        service.Ask<LineageRegion, LineageReply>(new GetLineage { LineageId = lineage }, ct);

    /// <summary>The default model, in fewer and bolder steps than its defaults take: somebody is waiting.</summary>
    private static TrainingConfig Bold(int seed) =>
        new()
        {
            Model = new ModelConfig { Dropout = 0.1f },
            Optimizer = new OptimizerConfig { LearningRate = 0.002f },
            BatchSize = 256,
            RepresentationEpochs = RepresentationEpochs,
            MaxEpochs = MaxEpochs,
            Patience = 2,
            RandomSeed = (ulong)seed,
        };

    /// <summary>The first model goes on from where it is.</summary>
    private static TrainingConfig Retrained(int seed)
    {
        var config = Bold(seed);
        config.Model = null;
        config.RepresentationEpochs = 0;
        return config;
    }

    /// <summary>Small, so that the evening is long enough for all steps.</summary>
    private static PromotionPlan Quick() =>
        new()
        {
            ShadowRequests = 100,
            ShadowSlowdown = 10,
            StepSeconds = 1,
            Ramp = { 2500, 10_000 },
        };

    private CommandHeader Header(string step) =>
        new() { CommandId = $"demo-{runTag}-{step}", CorrelationId = $"demo-{runTag}" };
}

/// <param name="Accepted">Samples the user entities acknowledged.</param>
/// <param name="Pending">Of these, not yet learned.</param>
public sealed record SampleLedger(long Accepted, long Pending);
