namespace RalmActors.Messages.Entities;

/// <summary>How often an entity is photographed and how far back it recognises a repeated command.</summary>
public sealed record EntityOptions
{
    /// <summary>Events between snapshots: 1 to 1,000,000; default 200.</summary>
    public int SnapshotEvery { get; init; } = 200;

    /// <summary>Journaled bytes between snapshots: default 4 MiB.</summary>
    public long SnapshotBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Accepted command ids remembered: 16 to 1,048,576; default 1,024.</summary>
    public int DedupCapacity { get; init; } = DedupWindow.DefaultCapacity;
}
