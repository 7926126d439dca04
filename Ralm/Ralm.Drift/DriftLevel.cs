namespace Ralm.Drift;

/// <summary>What a detector says of a stream after its newest value, or a test of a sample.</summary>
public enum DriftLevel
{
    None = 0,

    /// <summary>Getting worse; keep what follows as seed data for a retraining.</summary>
    Warning = 1,

    /// <summary>Changed. Said once for each change: the detector starts over.</summary>
    Drift = 2,
}
