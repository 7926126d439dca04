namespace Ralm.Drift.Features;

/// <summary>How newest rows are held against the training rows.</summary>
/// <param name="Window">Newest rows that are compared, 100 to 1,000,000; default 2,000. Up to a tenth fewer, see <see cref="BlockRows"/>.</param>
/// <param name="Alpha">
/// Chance that one look at all columns says something without drift, above 0 and below 1; default 0.001. Looks at windows that do
/// not overlap each have it anew.
/// </param>
/// <param name="LeastSample">Newest rows before anything is said, 20 or more, at most the window; default 100.</param>
public sealed record FeatureDriftOptions(
    int Window = 2_000,
    double Alpha = 0.001,
    int LeastSample = ShareTest.DefaultLeastSample
)
{
    internal const int Blocks = 10;

    /// <summary>Rows are forgotten so many at a time.</summary>
    public int BlockRows => Window / Blocks;

    /// <summary>The option that is out of its range and the rule; null where none is.</summary>
    internal string? Wrong() =>
        Window is < 100 or > 1_000_000 ? $"Window {Window}: must be 100 to 1,000,000"
        : Alpha is not (> 0 and < 1) ? $"Alpha {Alpha}: must be above 0 and below 1"
        : LeastSample < 20 || LeastSample > Window - BlockRows
            ? $"LeastSample {LeastSample}: must be 20 to nine tenths of the window"
        : null;
}
