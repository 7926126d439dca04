namespace RalmActors.Trainer.Actors;

/// <summary>How a node serves scores.</summary>
public sealed record ScorerOptions
{
    /// <summary>Threads that compute scores, each with model instances of its own: 1 to 64; default half the cores.</summary>
    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How often registry and lineages are asked what to serve, beside being told: default 5 s.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for what serves its family, where the node has yet to learn it: default 3 s.</summary>
    public TimeSpan FamilyWait { get; init; } = TimeSpan.FromSeconds(3);

    public SeedOptions Seeds { get; init; } = new();

    /// <summary>How often it says what versions in shadow have shown: default 2 s.</summary>
    public TimeSpan ReportShadowsEvery { get; init; } = TimeSpan.FromSeconds(2);
}
