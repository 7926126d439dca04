namespace Ralm.Drift.Prequential;

/// <summary>How rows are weighed.</summary>
/// <param name="Window">Newest rows that are kept, for figures of a window, 10 to 100,000; default 2,000. 16 bytes each.</param>
/// <param name="HalfLife">Rows after which a row weighs half in fading figures, 1 to 1,000,000; default 1,000.</param>
public sealed record PrequentialOptions(int Window = 2_000, double HalfLife = 1_000)
{
    /// <summary>Of the calibration error.</summary>
    internal const int Bins = 15;

    /// <summary>Weight of a row in that of the next one.</summary>
    public double Kept => Math.Pow(0.5, 1 / HalfLife);

    /// <summary>The option that is out of its range and the rule; null where none is.</summary>
    internal string? Wrong() =>
        Window is < 10 or > 100_000 ? $"Window {Window}: must be 10 to 100,000"
        : HalfLife is not (>= 1 and <= 1_000_000) ? $"HalfLife {HalfLife}: must be 1 to 1,000,000"
        : null;
}
