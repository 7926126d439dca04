using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>How experiments live on a node.</summary>
public sealed record AbTestingOptions
{
    /// <summary>How long a cell gathers changes before it reports: 10 ms to 1 min; default 1 s.</summary>
    public TimeSpan ReportAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a cell gathers units whose time is over before it reports them: default 30 s.</summary>
    public TimeSpan ReportMaturedAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a running test says again what to assign by, for nodes that came late; default 2 s.</summary>
    public TimeSpan AnnounceEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a test may take to tell a node that does not know it what it assigns by; default 3 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a promotion that is not done yet is looked at again; default 1 s.</summary>
    public TimeSpan RetryPromotionAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Cells that all tests of a node together wake in a second after a restart, 1 to 10,000; default 50. Cells that units
    /// come to wake by themselves.
    /// </summary>
    public int WakeCellsPerSecond { get; init; } = 50;

    /// <summary>How often a family asks tests whether they need the units they were given: 1 s to 1 h; default 10 s.</summary>
    public TimeSpan CheckClaimsEvery { get; init; } = TimeSpan.FromSeconds(10);

    public EntityOptions Simulations { get; init; } = new();

    public EntityOptions Tests { get; init; } = new();

    /// <summary>A snapshot holds every unit of the cell and is large: it is written seldom.</summary>
    public EntityOptions Cells { get; init; } = new() { SnapshotEvery = 2000 };

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public AbTestingOptions Checked()
    {
        _ = (Simulations.Checked(), Tests.Checked(), Cells.Checked());
        return this.Within(ReportAfter, 0.01, 60)
            .Within(ReportMaturedAfter, 0.01, 3600)
            .Within(AnnounceEvery, 0.01, 60)
            .Within(AnswerWithin, 0.01, 60)
            .Within(RetryPromotionAfter, 0.01, 60)
            .Within(WakeCellsPerSecond, 1, 10_000)
            .Within(CheckClaimsEvery, 0.01, 3600);
    }
}
