using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>How users gather what they did and hand it to the lineages.</summary>
public sealed record OnlineLearnerOptions
{
    /// <summary>Samples in one slice at most: 1 to 1,024; default 256.</summary>
    public int MaxSliceSamples { get; init; } = 256;

    /// <summary>Bytes of one slice: default 64 KiB; with one sample more it must fit a remoting frame of 128,000.</summary>
    public int MaxSliceBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// How long a seed or an acknowledgement waits for an event of the user's own, to stand in its row of the journal: 0 to
    /// 1 min; default 2 s. 0: each has a row of its own.
    /// </summary>
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>First wait for a lineage's answer before a slice is offered again; it doubles: default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such wait: default 30 s.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence of a lineage after which nobody knows whether it is there, 100 ms to 1 min: default 5 s.</summary>
    public TimeSpan LineageSilence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Users an audience remembers, the newest, and never more than 1 MiB of them: 1 to 10,000; default 500. More than
    /// that changes scores little: seeds are brought together in a few clusters.
    /// </summary>
    public int AudienceSeeds { get; init; } = AudienceBounds.DefaultKeep;

    /// <summary>
    /// How often users with samples not learned yet are woken: default 30 s. After a node is lost its users go on within
    /// this time. Must be shorter than <see cref="IdleAfter"/>, or a waiting user is put to sleep in between.
    /// </summary>
    public TimeSpan WakeEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A user nobody talks to for so long, and who holds nothing, leaves memory: default 2 min.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The same on every node, for the life of the data: default 60.</summary>
    public int ShardCount { get; init; } = 60;

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public OnlineLearnerOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(MaxSliceSamples, 1, 1_024)
            .Within(MaxSliceBytes, 1_024, 90_000)
            .Within(AudienceSeeds, 1, AudienceBounds.MaxKeep)
            .Within(HoldFor, 0, 60)
            .Within(MaxRetryAfter, 0.01, 3_600)
            .Within(RetryAfter, TimeSpan.FromMilliseconds(10), MaxRetryAfter)
            .Within(LineageSilence, 0.1, 60)
            .Within(IdleAfter, 0.01, 86_400)
            .Within(WakeEvery, TimeSpan.FromMilliseconds(10), IdleAfter * 0.75)
            .Within(ShardCount, 1, 100_000);
    }
}
