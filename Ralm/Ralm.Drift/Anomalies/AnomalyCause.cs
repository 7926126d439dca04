namespace Ralm.Drift.Anomalies;

/// <summary>By what a point was most unusual.</summary>
public enum AnomalyCause
{
    None,

    /// <summary>The errors of prediction of late are larger than they used to be: bursts, spikes, another noise.</summary>
    Error,

    /// <summary>The values of late are far from their long mean: a shift, a slow climb.</summary>
    Level,

    /// <summary>Not what is usual at this time of day: a morning that did not come.</summary>
    TimeOfDay,

    /// <summary>Clearly beyond all that was ever seen.</summary>
    Extreme,
}
