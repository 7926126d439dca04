using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>How a study follows its runs.</summary>
public sealed record StudyOptions
{
    /// <summary>Between two looks at a run that has just moved: default 10 ms. Grows while nothing happens.</summary>
    public TimeSpan LookMin { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Between two looks at most: default 1 s.</summary>
    public TimeSpan LookMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Wait before a command that was not answered is sent again: default 2 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A run without progress for so long is started again, which does nothing to a living one: default 5 min.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(5);

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public StudyOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(LookMin, 0.001, 60)
            .Within(LookMax, LookMin, TimeSpan.FromHours(1))
            .Within(RetryAfter, 0.001, 3600)
            .Within(Lease, 0.01, 86400);
    }
}
