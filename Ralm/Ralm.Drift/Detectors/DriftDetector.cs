using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Watches a stream of numbers for a change. Immutable: <see cref="Update"/> gives the next one. Bounded, and a function of the
/// values alone: the same stream gives the same answers, and what <see cref="DriftDetectors.Load"/> reads back goes on as if
/// it had never been saved.
/// </summary>
/// <remarks>
/// A value that is no finite number, or beyond ±<see cref="LargestValue"/>, is counted in <see cref="Ignored"/> and is otherwise
/// as if it had not come. A change is reported once: the detector starts over behind it, with nothing of what was before.
/// </remarks>
public abstract record DriftDetector
{
    /// <summary>Sums of squares stay finite.</summary>
    public const double LargestValue = 1e100;

    /// <summary>Which changes are reported. Default: up.</summary>
    public DriftDirections Watch { get; init; } = DriftDirections.Up;

    /// <summary>
    /// Behind a change that nobody watches for it starts over in silence, so that it is not deaf to the way back. Default: true;
    /// false is how the detectors that know one direction were published. ADWIN's window follows always, DDM's lowest rate as well.
    /// </summary>
    public bool Follows { get; init; } = true;

    /// <summary>Values since the start, or the last change, before anything is said; 1 or more.</summary>
    public int LeastSample { get; init; } = 30;

    /// <summary>After the newest value.</summary>
    public DriftLevel Level { get; private init; }

    /// <summary>Null unless the level is <see cref="DriftLevel.Drift"/>.</summary>
    public DriftChange? Change { get; private init; }

    /// <summary>Values since the start, or the last change; ignored ones not counted.</summary>
    public long Count { get; private init; }

    /// <summary>Values that were no numbers to go by, since the very beginning.</summary>
    public long Ignored { get; private init; }

    /// <summary>All values since the start, or the last change, the older the coarser: to find where a change was.</summary>
    private protected BucketWindow Recent { get; init; } = BucketWindow.Empty;

    /// <summary>Buckets of the same size in <see cref="Recent"/>.</summary>
    private protected virtual int RecentBuckets => 5;

    /// <param name="value">Of a loss or an error: larger is worse.</param>
    public DriftDetector Update(double value)
    {
        var start = Level == DriftLevel.Drift ? StartedOver() : this;
        return Math.Abs(value) <= LargestValue
            ? (
                start with
                {
                    Count = start.Count + 1,
                    Level = DriftLevel.None,
                    Recent = start.Recent.Add(value, RecentBuckets),
                }
            ).Take(value)
            : start with
            {
                Ignored = start.Ignored + 1,
            };
    }

    /// <summary>The next detector; its count is up already.</summary>
    private protected abstract DriftDetector Take(double value);

    /// <summary>The same parameters, and nothing seen.</summary>
    private protected abstract DriftDetector Fresh();

    private protected abstract void WriteOwn(StateWriter state);

    /// <summary>This detector's parameters with the state that was written.</summary>
    private protected abstract DriftDetector ReadOwn(StateReader state);

    /// <summary>A change in that direction makes a difference.</summary>
    private protected bool Minds(DriftDirections direction) => Follows || Watch.HasFlag(direction);

    /// <summary>A change was found that it minds. It is reported, or followed in silence if nobody watches for it.</summary>
    private protected DriftDetector Changed(DriftDirections direction)
    {
        if (Count < LeastSample)
        {
            return this;
        }

        return Watch.HasFlag(direction)
            ? this with
            {
                Level = DriftLevel.Drift,
                Change = new DriftChange(direction, Recent.Since(direction), Count),
            }
            : StartedOver();
    }

    private protected DriftDetector Warned(DriftDirections direction) =>
        Count >= LeastSample && Watch.HasFlag(direction) ? this with { Level = DriftLevel.Warning } : this;

    internal void Write(StateWriter state)
    {
        state.Count((int)Level);
        state.Count(Count);
        state.Count(Ignored);
        if (Change is { } change)
        {
            state.Count((int)change.Direction);
            state.Count(change.Since);
        }

        Recent.Write(state);
        WriteOwn(state);
    }

    internal DriftDetector Read(StateReader state)
    {
        var level = (DriftLevel)state.Count((int)DriftLevel.Drift);
        var count = state.Count();
        var ignored = state.Count();
        var change =
            level == DriftLevel.Drift
                ? new DriftChange((DriftDirections)state.Count((int)DriftDirections.Both), state.Count(), count)
                : null;
        var recent = BucketWindow.Read(state);
        return ReadOwn(state) with
        {
            Level = level,
            Count = count,
            Ignored = ignored,
            Change = change,
            Recent = recent,
        };
    }

    private DriftDetector StartedOver() =>
        Fresh() with
        {
            Watch = Watch,
            LeastSample = LeastSample,
            Follows = Follows,
            Ignored = Ignored,
        };
}
