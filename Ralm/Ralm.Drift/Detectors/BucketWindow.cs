using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// All values since some point, the newer the finer: an exponential histogram (Datar, Gionis, Indyk, Motwani, SIAM J. Comput. 2002)
/// of so many buckets for each power of two. Memory is logarithmic in the values.
/// </summary>
internal sealed record BucketWindow
{
    public static readonly BucketWindow Empty = new();

    /// <summary>Row r holds buckets of 2^r values; in a row, oldest first.</summary>
    private ImmutableArray<ImmutableArray<Bucket>> Rows { get; init; } =
    [
        [],
    ];

    /// <summary>All values together.</summary>
    public Bucket All { get; private init; }

    public BucketWindow Add(double value, int bucketsPerRow)
    {
        var one = Bucket.Of(value);
        var rows = Rows.SetItem(0, Rows[0].Add(one));
        for (var r = 0; rows[r].Length > bucketsPerRow; r++)
        {
            var merged = rows[r][0].Merge(rows[r][1]);
            rows = rows.SetItem(r, rows[r].RemoveRange(0, 2));
            rows = r + 1 == rows.Length ? rows.Add([merged]) : rows.SetItem(r + 1, rows[r + 1].Add(merged));
        }

        return this with
        {
            Rows = rows,
            All = All.Merge(one),
        };
    }

    public BucketWindow DropOldest()
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
            All = All.Without(oldest),
        };
    }

    /// <summary>The window in two parts, at every border of buckets, the older part growing. Their deviations are not told.</summary>
    public IEnumerable<(Bucket Older, Bucket Newer)> Cuts()
    {
        var older = default(Bucket);
        for (var r = Rows.Length - 1; r >= 0; r--)
        {
            foreach (var bucket in Rows[r])
            {
                older = new Bucket(older.Count + bucket.Count, older.Sum + bucket.Sum, 0);
                yield return (older, new Bucket(All.Count - older.Count, All.Sum - older.Sum, 0));
            }
        }
    }

    /// <summary>
    /// How many of the newest values most likely lie behind a change of the mean in that direction: where two means explain the
    /// window best (Hawkins, JASA 1977). All of them, if no cut is one in that direction.
    /// </summary>
    public long Since(DriftDirections direction)
    {
        var (since, best) = (All.Count, 0.0);
        foreach (var (older, newer) in Cuts())
        {
            var rises = newer.Mean > older.Mean;
            if (rises == (direction == DriftDirections.Up) && older.Between(newer) is var gain && gain > best)
            {
                (since, best) = (newer.Count, gain);
            }
        }

        return since;
    }

    public void Write(StateWriter state)
    {
        All.Write(state);
        state.Count(Rows.Length);
        foreach (var row in Rows)
        {
            state.Count(row.Length);
            foreach (var bucket in row)
            {
                bucket.Write(state);
            }
        }
    }

    public static BucketWindow Read(StateReader state)
    {
        var all = Bucket.Read(state);
        var rows = state.Many(() => state.Many(() => Bucket.Read(state)));
        return rows.IsEmpty ? throw StateReader.Broken("a window without rows") : new() { All = all, Rows = rows };
    }
}
