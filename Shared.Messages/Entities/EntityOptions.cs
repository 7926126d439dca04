namespace RalmActors.Messages.Entities;

/// <summary>How often an entity is photographed and how far back it recognises a repeated command.</summary>
public sealed record EntityOptions
{
    /// <summary>Events between snapshots: 1 to 1,000,000; default 200. More for a large state: see <see cref="SnapshotPace"/>.</summary>
    public int SnapshotEvery { get; init; } = 200;

    /// <summary>Journaled bytes between snapshots: default 4 MiB.</summary>
    public long SnapshotBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>For how long at least an accepted command is recognised: 1 hour to 90 days; default 7 days.</summary>
    public TimeSpan RememberFor { get; init; } = CommandMemory.Default;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public EntityOptions Checked()
    {
        return this.Within(SnapshotEvery, 1, 1_000_000)
            .Within(SnapshotBytes, 1_024L, 1L << 30)
            .Within(RememberFor, 60, 7_776_000);
    }
}
