using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>Commands and results for specs of training runs.</summary>
internal static class GivenRun
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static CommandHeader Header(string commandId) => new() { CommandId = commandId };

    /// <summary>A small model on the planted data: 4 batches an epoch.</summary>
    public static StartTraining Start(
        string runId = "run-1",
        string commandId = "c-1",
        int maxEpochs = 3,
        int patience = 3,
        ulong seed = 7,
        string? hash = null,
        string model = "TwoTowerMha"
    ) =>
        new()
        {
            Header = Header(commandId),
            RunId = runId,
            DatasetPath = PlantedData.Path,
            DatasetHash = hash ?? PlantedData.Hash,
            Family = "city",
            VersionId = $"v-{runId}",
            Config = new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = model,
                    TowerDim = 8,
                    HiddenDim = 16,
                    Heads = 2,
                },
                Optimizer = new OptimizerConfig { LearningRate = 0.01f },
                BatchSize = 64,
                MaxEpochs = maxEpochs,
                Patience = patience,
                RandomSeed = seed,
            },
        };

    public static CancelTraining Cancel(string runId = "run-1", string commandId = "c-2") =>
        new()
        {
            Header = Header(commandId),
            RunId = runId,
            Reason = "changed my mind",
        };

    public static PauseTraining Pause(string runId = "run-1", string commandId = "c-p") =>
        new()
        {
            Header = Header(commandId),
            RunId = runId,
            Reason = "the machine is needed",
        };

    public static ResumeTraining Resume(string runId = "run-1", string commandId = "c-r") =>
        new() { Header = Header(commandId), RunId = runId };

    public static EpochResult Epoch(int epoch, double auc) =>
        new(epoch, 0.5, auc, 0.4, Artifact((char)('a' + (epoch % 6))), "s-1");

    public static ArtifactRef Artifact(char digit) => new() { Hash = new string(digit, 64), Bytes = 1 };

    public static TrainingRunState Started(int maxEpochs = 3, int patience = 3) =>
        Take(TrainingRunState.Empty("run-1"), s => s.Decide(Start(maxEpochs: maxEpochs, patience: patience), Now));

    public static TrainingRunState Take(this TrainingRunState state, Func<TrainingRunState, Decision?> decide) =>
        decide(state)!.Events.Aggregate(state, (s, e) => s.Apply(e));
}
