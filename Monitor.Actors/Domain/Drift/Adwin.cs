using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>
/// Adaptive windowing (Bifet and Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007): a window
/// that drops its oldest part whenever the means of two parts differ by more than chance allows. Its length says how
/// much recent data belongs together, hence how much to retrain on. Memory is logarithmic in the window.
/// </summary>
/// <param name="Delta">False alarm bound per check, 0 to 1; default 0.002.</param>
/// <param name="Clock">Values between checks; default 32.</param>
/// <param name="BucketsPerRow">Default 5.</param>
/// <param name="MinPart">Smallest part that is compared; default 5 values.</param>
/// <param name="Grace">Window below which nothing is checked; default 10 values.</param>
public sealed record Adwin(double Delta = 0.002, int Clock = 32, int BucketsPerRow = 5, int MinPart = 5, int Grace = 10)
{
    /// <summary>Row r holds buckets of 2^r values; in a row, oldest first.</summary>
    private ImmutableArray<ImmutableArray<AdwinBucket>> Rows { get; init; } =
    [
        [],
    ];

    private AdwinBucket Window { get; init; }

    private long Ticks { get; init; }

    /// <summary>Values in the window.</summary>
    public long Width => Window.Count;

    /// <summary>The mean of the window; 0 when it is empty.</summary>
    public double Mean => Window.Count == 0 ? 0 : Window.Mean;

    public DriftLevel Level { get; private init; }

    public Adwin Update(double value)
    {
        var one = new AdwinBucket(1, value, 0);
        var next = this with
        {
            Rows = Insert(one),
            Window = Window.Merge(one),
            Ticks = Ticks + 1,
            Level = DriftLevel.None,
        };
        if (next.Ticks % Clock != 0 || next.Width <= Grace)
        {
            return next;
        }

        while (next.HasCut())
        {
            next = next.DropOldest() with { Level = DriftLevel.Drift };
        }

        return next;
    }

    private ImmutableArray<ImmutableArray<AdwinBucket>> Insert(AdwinBucket one)
    {
        var rows = Rows.ToBuilder();
        rows[0] = rows[0].Add(one);
        for (var r = 0; rows[r].Length > BucketsPerRow; r++)
        {
            if (r + 1 == rows.Count)
            {
                rows.Add([]);
            }

            rows[r + 1] = rows[r + 1].Add(rows[r][0].Merge(rows[r][1]));
            rows[r] = rows[r].RemoveRange(0, 2);
        }

        return rows.ToImmutable();
    }

    private bool HasCut()
    {
        var older = default(AdwinBucket);
        for (var r = Rows.Length - 1; r >= 0; r--)
        {
            foreach (var bucket in Rows[r])
            {
                older = new AdwinBucket(older.Count + bucket.Count, older.Sum + bucket.Sum, 0);
                var newer = new AdwinBucket(Window.Count - older.Count, Window.Sum - older.Sum, 0);
                if (older.Count >= MinPart && newer.Count >= MinPart && Apart(older, newer))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool Apart(AdwinBucket older, AdwinBucket newer)
    {
        var confidence = Math.Log(2 * Math.Log(Window.Count) / Delta);
        var inverseHarmonic = (1.0 / (older.Count - MinPart + 1)) + (1.0 / (newer.Count - MinPart + 1));
        var variance = Window.SquaredDeviations / Window.Count;
        var bound = Math.Sqrt(2 * inverseHarmonic * variance * confidence) + (2.0 / 3.0 * confidence * inverseHarmonic);
        return Math.Abs(older.Mean - newer.Mean) > bound;
    }

    private Adwin DropOldest()
    {
        var top = Rows.Length - 1;
        var oldest = Rows[top][0];
        var rows = Rows.SetItem(top, Rows[top].RemoveAt(0));
        while (rows.Length > 1 && rows[^1].IsEmpty)
        {
            rows = rows.RemoveAt(rows.Length - 1);
        }

        return this with
        {
            Rows = rows,
            Window = Window.Without(oldest),
        };
    }
}
