using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Adaptive windowing (Bifet and Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007): a window
/// that drops its oldest part whenever the means of two parts differ by more than chance allows.
/// </summary>
/// <remarks>
/// The paper goes on with what is left, a part of which is still from before: so it reports one change at up to four checks. Here
/// it starts over behind a report, as River does, and keeps its window behind a change nobody watches for. Nothing is
/// checked while the window is not longer than <see cref="DriftDetector.LeastSample"/>; River has 10.
/// </remarks>
/// <param name="Delta">False alarm bound per check, above 0 and below 1; default 0.002.</param>
/// <param name="Clock">Values between checks, 1 or more; default 32.</param>
/// <param name="BucketsPerRow">2 or more; default 5. More: finer cuts, more memory.</param>
/// <param name="MinPart">Smallest part that is compared, 1 or more; default 5 values.</param>
public sealed record Adwin(double Delta = 0.002, int Clock = 32, int BucketsPerRow = 5, int MinPart = 5) : DriftDetector
{
    /// <summary>Values in the window.</summary>
    public long Width => Recent.All.Count;

    /// <summary>The mean of the window; 0 when it is empty.</summary>
    public double Mean => Recent.All.Mean;

    private protected override int RecentBuckets => BucketsPerRow;

    private protected override DriftDetector Take(double value) =>
        Count % Clock == 0 && Width > LeastSample ? Checked() : this;

    private DriftDetector Checked()
    {
        var left = Recent;
        while (left.Cuts().Any(cut => IsApart(cut.Older, cut.Newer, left.All)))
        {
            left = left.DropOldest();
        }

        if (left == Recent)
        {
            return this;
        }

        var direction = left.All.Mean > Recent.All.Without(left.All).Mean ? DriftDirections.Up : DriftDirections.Down;
        return Watch.HasFlag(direction) ? Changed(direction) : this with { Recent = left };
    }

    private bool IsApart(Bucket older, Bucket newer, Bucket all)
    {
        if (older.Count < MinPart || newer.Count < MinPart)
        {
            return false;
        }

        var confidence = Math.Log(2 * Math.Log(all.Count) / Delta);
        var inverseHarmonic = (1.0 / (older.Count - MinPart + 1)) + (1.0 / (newer.Count - MinPart + 1));
        var variance = all.SquaredDeviations / all.Count;
        var bound = Math.Sqrt(2 * inverseHarmonic * variance * confidence) + (2.0 / 3.0 * confidence * inverseHarmonic);
        return Math.Abs(older.Mean - newer.Mean) > bound;
    }

    private protected override DriftDetector Fresh() => new Adwin(Delta, Clock, BucketsPerRow, MinPart);

    private protected override void WriteOwn(StateWriter state) { }

    private protected override DriftDetector ReadOwn(StateReader state) => this;
}
