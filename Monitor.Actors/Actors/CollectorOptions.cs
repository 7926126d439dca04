using RalmActors.Messages.Entities;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Actors;

/// <summary>How collectors keep what they are told, and how often they look at the clock.</summary>
public sealed record CollectorOptions
{
    /// <summary>Between two looks at the clock, which notice silence: 10 ms to 10 min; default 10 s.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A collector whose source has said nothing for so long, and that has nothing to do, leaves memory: default 10 min.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Between attempts to have people told: from 10 ms to 10 min on, each twice the one before; default 1 s, at most 30 s.</summary>
    public TimeSpan TellAgainAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A snapshot each 240 events, as often as a chunk is sealed: it holds little more than the samplings since.</summary>
    public EntityOptions Entity { get; init; } = new() { SnapshotEvery = SeriesStore.SamplingsPerChunk };

    public RetryPauses RetryPauses => RetryPauses.From(TellAgainAfter);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public CollectorOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(LookEvery, 0.01, 600).Within(IdleAfter, 0.01, 86_400).Within(TellAgainAfter, 0.01, 600);
    }
}
