using RalmActors.Messages.Entities;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

/// <summary>What a node needs to train, to update models online, and to say which version serves.</summary>
public sealed record TrainerOptions
{
    /// <summary>The same on every node, for the life of the data: default 60.</summary>
    public int ShardCount { get; init; } = 60;

    /// <summary>Model files, by content. Every trainer and scorer node sees the same folder. Default ./data/models.</summary>
    public string ArtifactFolder { get; init; } = Path.Combine("data", "models");

    /// <summary>cpu (default) or cuda:N.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Runs of this node that train at once, 1 to 64: default 4. Others wait, in the order they were started.</summary>
    public int RunsAtOnce { get; init; } = DeviceActor.DefaultRunsAtOnce;

    public TrainingRunOptions TrainingRun { get; init; } = new();

    public StudyOptions Study { get; init; } = new();

    public EvaluationOptions Evaluation { get; init; } = new();

    public SweepOptions Sweep { get; init; } = new();

    public LineageOptions Lineage { get; init; } = new();

    public SeedLoadOptions SeedLoad { get; init; } = new();

    public RetrainingOptions Retraining { get; init; } = new();

    public EntityOptions Registry { get; init; } = new();

    /// <summary>How the registry knows that files are there. Default: by reading them in the folder of model files.</summary>
    public ArtifactCheck? ArtifactCheck { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TrainerOptions Checked()
    {
        _ = (TrainingRun.Checked(), Study.Checked(), Evaluation.Checked(), Sweep.Checked());
        _ = (Lineage.Checked(), SeedLoad.Checked(), Retraining.Checked(), Registry.Checked());
        return this.Within(ShardCount, 1, 100_000).Within(RunsAtOnce, 1, 64);
    }
}
