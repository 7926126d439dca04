using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>How lineages gather offered samples and feed the trainer.</summary>
public sealed record LineageOptions
{
    /// <summary>How long an offered sample waits at most for a full mini-batch: default 50 ms.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Mini-batches sent to the trainer and not answered: 1 to 1,000; default 8. Beyond it offers wait.</summary>
    public int BatchesInFlight { get; init; } = 8;

    /// <summary>Samples waiting for a mini-batch: default 8,192. Beyond it offers are refused and come again.</summary>
    public int MaxWaitingSamples { get; init; } = 8_192;

    /// <summary>Silence of the trainer, with work at it, after which the session is opened anew: default 2 min.</summary>
    public TimeSpan TrainerSilence { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Wait before a failed session is opened anew; doubles, to 64 times as long: default 1 s.</summary>
    public TimeSpan ReopenAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a question waits, after a start, for whether the lineage can learn: default 1 s.</summary>
    public TimeSpan KnownWithin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence of the registry after which a lineage cannot be opened now: default 9 s.</summary>
    public TimeSpan VersionSilence { get; init; } = TimeSpan.FromSeconds(9);

    /// <summary>A lineage that gets no offers for so long leaves memory: default 10 min.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A lineage that was asked for and that nobody has opened leaves memory after so long: default 2 s.</summary>
    public TimeSpan UnopenedStaysFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long whoever serves the weights is told them without asking again: default 15 s.</summary>
    public TimeSpan FollowersStayFor { get; init; } = TimeSpan.FromSeconds(15);

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public LineageOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(MaxWait, 0.001, 3600)
            .Within(BatchesInFlight, 1, 1_000)
            .Within(MaxWaitingSamples, 1, 10_000_000)
            .Within(TrainerSilence, 0.01, 86400)
            .Within(ReopenAfter, 0.001, 3600)
            .Within(KnownWithin, 0, 60)
            .Within(VersionSilence, 0.01, 600)
            .Within(IdleAfter, 0.01, 86400)
            .Within(UnopenedStaysFor, 0.001, 3600)
            .Within(FollowersStayFor, 0.01, 3600);
    }
}
