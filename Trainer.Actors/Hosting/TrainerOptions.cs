using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Hosting;

/// <summary>What a node needs to train, to update models online, and to say which version serves.</summary>
public sealed record TrainerOptions
{
    /// <summary>The same on every node, for the life of the data: default 60.</summary>
    public int ShardCount { get; init; } = 60;

    public LineageOptions Lineage { get; init; } = new();

    public EntityOptions Registry { get; init; } = new();
}
