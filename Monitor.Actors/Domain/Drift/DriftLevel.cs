namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>What a detector says of a stream after its newest value.</summary>
public enum DriftLevel
{
    None = 0,

    /// <summary>Getting worse; keep what follows as seed data for a retraining.</summary>
    Warning = 1,

    /// <summary>Changed. The detector starts over at its next value.</summary>
    Drift = 2,
}
