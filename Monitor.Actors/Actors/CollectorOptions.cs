using System.Collections.Immutable;
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

    /// <summary>What fires and nobody has acknowledged is told again after so long, 10 s to 30 days; null: never. Default 4 h.</summary>
    public TimeSpan? RepeatEvery { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The ways to people, where there are several: each is owed what it has not told. Empty: the notifier's only one.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>For how long every point is kept: 1 to 3,650 days; default 15.</summary>
    public TimeSpan KeepPoints { get; init; } = TimeSpan.FromDays(15);

    /// <summary>For how long steps of 5 minutes are kept: as long as points, or longer, up to 3,650 days; default 90.</summary>
    public TimeSpan KeepFiveMinutes { get; init; } = TimeSpan.FromDays(90);

    /// <summary>For how long steps of an hour are kept: as long as those of 5 minutes, or longer, up to 7,300 days; default 730.</summary>
    public TimeSpan KeepHours { get; init; } = TimeSpan.FromDays(730);

    /// <summary>A snapshot each 240 events, as often as a chunk is sealed: it holds little more than the samplings since.</summary>
    public EntityOptions Entity { get; init; } = new() { SnapshotEvery = SeriesStore.SamplingsPerChunk };

    public RetryPauses RetryPauses => RetryPauses.From(TellAgainAfter);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public CollectorOptions Checked()
    {
        _ = Entity.Checked();
        _ = this.Within(RepeatEvery ?? TimeSpan.FromHours(4), 10, 30 * 86_400, nameof(RepeatEvery));
        return this.Within(LookEvery, 0.01, 600)
            .Within(IdleAfter, 0.01, 86_400)
            .Within(TellAgainAfter, 0.01, 600)
            .Within(KeepPoints, TimeSpan.FromDays(1), TimeSpan.FromDays(3_650))
            .Within(KeepFiveMinutes, KeepPoints, TimeSpan.FromDays(3_650))
            .Within(KeepHours, KeepFiveMinutes, TimeSpan.FromDays(7_300));
    }

    /// <summary>How long a tier is kept.</summary>
    public TimeSpan KeepOf(Tier tier) =>
        tier.Nr switch
        {
            0 => KeepPoints,
            1 => KeepFiveMinutes,
            _ => KeepHours,
        };
}
