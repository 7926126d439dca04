namespace Ralm.Drift.Detectors;

/// <summary>Where a stream went, or which ways are worth an alarm. Of a loss or an error, up is worse.</summary>
[Flags]
public enum DriftDirections
{
    None = 0,

    Up = 1,

    Down = 2,

    Both = Up | Down,
}
