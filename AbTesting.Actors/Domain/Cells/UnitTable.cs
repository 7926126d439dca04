using System.Buffers.Binary;
using System.Collections.Immutable;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// Units of a cell by the 64-bit hash of their names: 16 bytes each, 8 more per value, and up to two for their segments.
/// Immutable: a change copies one
/// page of about a hundred units. Among a million units two names share a hash with probability 3e-8; they would count
/// as one unit.
/// </summary>
public sealed class UnitTable
{
    private const int MaxPerPage = 128;

    private readonly Page[] _pages;
    private readonly int _bits;

    private UnitTable(Page[] pages, int bits, int columns, int segmentBytes, int count) =>
        (_pages, _bits, Columns, SegmentBytes, Count) = (pages, bits, columns, segmentBytes, count);

    /// <param name="columns">Values per unit.</param>
    /// <param name="segmentBytes">Per unit, 0 to 2.</param>
    public static UnitTable Empty(int columns, int segmentBytes = 0) => new([Page.Empty], 0, columns, segmentBytes, 0);

    public int Columns { get; }

    public int SegmentBytes { get; }

    public int Count { get; }

    public bool TryGet(ulong key, out UnitHead head, out ReadOnlySpan<long> values)
    {
        var page = _pages[PageOf(key)];
        var at = Array.BinarySearch(page.Keys, key);
        head = at < 0 ? default : page.Heads[at];
        values = at < 0 ? default : page.Values.AsSpan(at * Columns, Columns);
        return at >= 0;
    }

    /// <summary>The code a unit came with; 0 where there are none.</summary>
    public ushort SegmentOf(ulong key)
    {
        if (SegmentBytes == 0)
        {
            return 0;
        }

        var page = _pages[PageOf(key)];
        var at = Array.BinarySearch(page.Keys, key);
        return at < 0 ? (ushort)0 : page.SegmentAt(at, SegmentBytes);
    }

    /// <param name="segment">Null: a unit that is there stays in its own, one that is new is in none.</param>
    public UnitTable Set(ulong key, UnitHead head, ReadOnlySpan<long> values, ushort? segment = null)
    {
        var index = PageOf(key);
        var page = _pages[index];
        var at = Array.BinarySearch(page.Keys, key);
        if (at < 0 && page.Keys.Length >= 2 * MaxPerPage)
        {
            return Split().Set(key, head, values, segment);
        }

        var pages = (Page[])_pages.Clone();
        pages[index] =
            at >= 0
                ? page.Replace(at, head, values, segment, SegmentBytes)
                : page.Insert(~at, key, head, values, segment ?? 0, SegmentBytes);
        return new UnitTable(pages, _bits, Columns, SegmentBytes, Count + (at >= 0 ? 0 : 1));
    }

    /// <summary>All units in rising order of their keys.</summary>
    public IEnumerable<(ulong Key, UnitHead Head, ImmutableArray<long> Values, ushort Segment)> All() =>
        _pages.SelectMany(p =>
            p.Keys.Select(
                (key, i) =>
                    (
                        key,
                        p.Heads[i],
                        ImmutableArray.Create(p.Values, i * Columns, Columns),
                        p.SegmentAt(i, SegmentBytes)
                    )
            )
        );

    /// <summary>Units whose first exposure is as late as this or later, and that are in one arm.</summary>
    /// <param name="since">Seconds since 1970.</param>
    public IEnumerable<(UnitHead Head, ImmutableArray<long> Values, ushort Segment)> ExposedFrom(long since)
    {
        foreach (var page in _pages)
        {
            for (var i = 0; i < page.Heads.Length; i++)
            {
                var head = page.Heads[i];
                if (head.ExposedAt >= since && !head.IsCrossed)
                {
                    yield return (
                        head,
                        ImmutableArray.Create(page.Values, i * Columns, Columns),
                        page.SegmentAt(i, SegmentBytes)
                    );
                }
            }
        }
    }

    /// <summary>The same units with more values each, which begin at zero.</summary>
    public UnitTable Widen(int columns) =>
        columns == Columns ? this
        : columns < Columns ? throw new ArgumentOutOfRangeException(nameof(columns), columns, "only grows")
        : new UnitTable([.. _pages.Select(p => p.Widen(Columns, columns))], _bits, columns, SegmentBytes, Count);

    /// <param name="keys">Rising.</param>
    /// <param name="segments">As many bytes per unit as their layout has.</param>
    public static UnitTable Restore(
        int columns,
        IReadOnlyList<ulong> keys,
        IReadOnlyList<ulong> heads,
        long[] values,
        byte[] segments
    )
    {
        var segmentBytes = keys.Count == 0 ? 0 : segments.Length / keys.Count;
        var (bits, pages) = HashPages.Cut(keys, MaxPerPage);
        return new UnitTable([.. pages.Select(Restored)], bits, columns, segmentBytes, keys.Count);

        Page Restored(Range range)
        {
            var (from, count) = range.GetOffsetAndLength(keys.Count);
            return new Page(
                [.. Enumerable.Range(from, count).Select(i => keys[i])],
                [.. Enumerable.Range(from, count).Select(i => UnitHead.Of(heads[i]))],
                values.AsSpan(from * columns, count * columns).ToArray(),
                segments.AsSpan(from * segmentBytes, count * segmentBytes).ToArray()
            );
        }
    }

    private UnitTable Split() =>
        new(
            [.. _pages.SelectMany((p, i) => p.Halves(i, _bits, Columns, SegmentBytes))],
            _bits + 1,
            Columns,
            SegmentBytes,
            Count
        );

    private int PageOf(ulong key) => HashPages.IndexOf(key, _bits);

    private sealed record Page(ulong[] Keys, UnitHead[] Heads, long[] Values, byte[] Segments)
    {
        public static readonly Page Empty = new([], [], [], []);

        public ushort SegmentAt(int at, int bytes) =>
            bytes switch
            {
                0 => 0,
                1 => Segments[at],
                _ => BinaryPrimitives.ReadUInt16LittleEndian(Segments.AsSpan(2 * at)),
            };

        public Page Replace(int at, UnitHead head, ReadOnlySpan<long> values, ushort? segment, int segmentBytes)
        {
            var (heads, all) = ((UnitHead[])Heads.Clone(), (long[])Values.Clone());
            heads[at] = head;
            values.CopyTo(all.AsSpan(at * values.Length));
            return new Page(Keys, heads, all, segment is { } s ? Coded(at, s, segmentBytes) : Segments);
        }

        private byte[] Coded(int at, ushort segment, int bytes)
        {
            var segments = (byte[])Segments.Clone();
            Span<byte> code = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(code, segment);
            code[..bytes].CopyTo(segments.AsSpan(at * bytes));
            return segments;
        }

        public Page Insert(
            int at,
            ulong key,
            UnitHead head,
            ReadOnlySpan<long> values,
            ushort segment,
            int segmentBytes
        )
        {
            Span<byte> code = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(code, segment);
            return new(
                [.. Keys.AsSpan(0, at), key, .. Keys.AsSpan(at)],
                [.. Heads.AsSpan(0, at), head, .. Heads.AsSpan(at)],
                [.. Values.AsSpan(0, at * values.Length), .. values, .. Values.AsSpan(at * values.Length)],
                [
                    .. Segments.AsSpan(0, at * segmentBytes),
                    .. code[..segmentBytes],
                    .. Segments.AsSpan(at * segmentBytes),
                ]
            );
        }

        public IEnumerable<Page> Halves(int index, int bits, int columns, int segmentBytes)
        {
            var cut = HashPages.Middle(Keys, index, bits);
            var (values, codes) = (cut * columns, cut * segmentBytes);
            yield return new Page(Keys[..cut], Heads[..cut], Values[..values], Segments[..codes]);
            yield return new Page(Keys[cut..], Heads[cut..], Values[values..], Segments[codes..]);
        }

        public Page Widen(int from, int to)
        {
            var values = new long[Keys.Length * to];
            for (var i = 0; i < Keys.Length; i++)
            {
                Values.AsSpan(i * from, from).CopyTo(values.AsSpan(i * to));
            }

            return new Page(Keys, Heads, values, Segments);
        }
    }
}
