using RalmActors.Messages.Entities;

namespace RalmActors.Scorer.Actors;

/// <summary>How a scorer knows the seeds of candidates.</summary>
public sealed record SeedOptions
{
    /// <summary>Every audience fits, however many seeds it keeps.</summary>
    public const int LeastSeeds = 10_000;

    /// <summary>No request pushes out its own candidates, of which it has up to 1,000.</summary>
    public const int LeastCandidates = 2_000;

    /// <summary>
    /// How long the first request that names a candidate waits for its seeds; then it is scored by what is known: 0 to
    /// 10 s; default 50 ms.
    /// </summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Seeds in memory, with their features; candidates asked for longest ago go first: 10,000 to 10,000,000; default
    /// 100,000.
    /// </summary>
    public int MaxSeeds { get; init; } = 100_000;

    /// <summary>Candidates in memory, most of which may have no seeds: 2,000 to 10,000,000; default 100,000.</summary>
    public int MaxCandidates { get; init; } = 100_000;

    /// <summary>Audiences asked for at the same time: 1 to 10,000; default 64.</summary>
    public int AsksInFlight { get; init; } = 64;

    /// <summary>An audience that has not answered for so long is asked again: 0.1 to 60 s; default 2 s.</summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often candidates in use are asked for new seeds, beside being told: 1 s to 1 h; default 30 s.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clusters with new seeds are made anew at least so often: 1 s to 1 h; default 5 min.</summary>
    public TimeSpan ClusterEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>And as soon as this share of the seeds has changed: 0.01 to 1; default 0.1.</summary>
    public double ClusterAfterChange { get; init; } = 0.1;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SeedOptions Checked()
    {
        return this.Within(FirstWait, 0, 10)
            .Within(MaxSeeds, 1, 10_000_000)
            .Within(MaxCandidates, 1, 10_000_000)
            .Within(AsksInFlight, 1, 10_000)
            .Within(AskAgainAfter, 0.01, 60)
            .Within(PollEvery, 0.01, 3600)
            .Within(ClusterEvery, 0.01, 3600)
            .Within(ClusterAfterChange, 0.0, 1.0);
    }
}
