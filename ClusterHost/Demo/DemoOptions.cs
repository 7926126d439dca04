namespace RalmActors.ClusterHost.Demo;

/// <summary>What the demo plays. The defaults finish within three minutes on two cores.</summary>
public sealed record DemoOptions
{
    /// <summary>A smaller city and a shorter evening, for a look in half the time.</summary>
    public static DemoOptions Small { get; } =
        new()
        {
            People = 2000,
            History = 40_000,
            VisitsBeforeDrift = 400,
            VisitsAfterDrift = 1200,
            Retrains = false,
        };

    /// <summary>Seeds the city, its history and the training run.</summary>
    public int Seed { get; init; } = 42;

    public int People { get; init; } = 6000;

    /// <summary>Past interactions the offline run learns from.</summary>
    public int History { get; init; } = 150_000;

    /// <summary>Visits before the tastes drift.</summary>
    public int VisitsBeforeDrift { get; init; } = 1500;

    /// <summary>Visits after the drift, at most; the verdict may come earlier.</summary>
    public int VisitsAfterDrift { get; init; } = 4500;

    /// <summary>What was learned behind the alarm is learned once more, from scratch, and tested against what has become the champion.</summary>
    public bool Retrains { get; init; } = true;

    /// <summary>Candidates scored per visit, and how many of the best are shown.</summary>
    public int Candidates { get; init; } = 20;

    public int Shown { get; init; } = 8;

    /// <summary>Visits in progress at a time.</summary>
    public int Concurrency { get; init; } = 12;

    /// <summary>Print the summary as one JSON line and nothing else on standard output.</summary>
    public bool Json { get; init; }
}
