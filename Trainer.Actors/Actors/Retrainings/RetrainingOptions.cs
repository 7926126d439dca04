using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>How a retraining goes about its work.</summary>
public sealed record RetrainingOptions
{
    /// <summary>Between two questions of how far the others are: default 1 s; while a test runs, ten times as long.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Wait before what has failed is tried again; doubles, to a minute: default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RetrainingOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(AskEvery, 0.001, 3600).Within(RetryAfter, 0.001, 3600);
    }
}
