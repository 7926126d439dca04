using RalmActors.Messages.Entities;

namespace RalmActors.Scorer.Actors;

/// <summary>How a node serves scores.</summary>
public sealed record ScorerOptions
{
    /// <summary>Model files, by content. Every trainer and scorer node sees the same folder. Default ./data/models.</summary>
    public string ArtifactFolder { get; init; } = Path.Combine("data", "models");

    /// <summary>cpu (default) or cuda:N.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads that compute scores, each with model instances of its own: 1 to 64; default half the cores.</summary>
    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How often registry and lineages are asked what to serve, beside being told: default 5 s.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for what serves its family, where the node has yet to learn it: default 3 s.</summary>
    public TimeSpan FamilyWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a node that starts looks for families before it is ready without the missing ones: default 15 s.</summary>
    public TimeSpan FindWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a model may load before another one stands in for it: default 1 min.</summary>
    public TimeSpan LoadWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>First wait before a model that did not load is tried again; it doubles: default 1 s.</summary>
    public TimeSpan LoadAgainAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such wait: default 30 s.</summary>
    public TimeSpan MaxLoadAgainAfter { get; init; } = TimeSpan.FromSeconds(30);

    public SeedOptions Seeds { get; init; } = new();

    /// <summary>How often it says what versions in shadow have shown: default 2 s.</summary>
    public TimeSpan ReportShadowsEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ScorerOptions Checked()
    {
        _ = Seeds.Checked();
        return this.Within(Workers, 1, 64)
            .Within(AskEvery, 0.01, 3600)
            .Within(FamilyWait, 0, 60)
            .Within(FindWithin, 0, 3600)
            .Within(LoadWithin, 0.01, 3600)
            .Within(LoadAgainAfter, 0.001, 3600)
            .Within(MaxLoadAgainAfter, LoadAgainAfter, TimeSpan.FromHours(1))
            .Within(ReportShadowsEvery, 0.01, 3600);
    }
}
