using System.Collections.Immutable;
using RalmActors.Messages.Entities;

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

    /// <summary>A snapshot each 960 events: eight hours at 30 s, since it holds all chunks.</summary>
    public EntityOptions Entity { get; init; } = new() { SnapshotEvery = 960 };

    public RetryPauses RetryPauses => RetryPauses.From(TellAgainAfter);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public CollectorOptions Checked()
    {
        _ = Entity.Checked();
        _ = this.Within(RepeatEvery ?? TimeSpan.FromHours(4), 10, 30 * 86_400, nameof(RepeatEvery));
        return this.Within(LookEvery, 0.01, 600).Within(IdleAfter, 0.01, 86_400).Within(TellAgainAfter, 0.01, 600);
    }
}
