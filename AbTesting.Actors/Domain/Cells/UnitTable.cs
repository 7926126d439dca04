using System.Collections.Immutable;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// Units of a cell by the 64-bit hash of their names: 16 bytes each, and 8 more per value. Immutable: a change copies one
/// page of about a hundred units. Among a million units two names share a hash with probability 3e-8; they would count
/// as one unit.
/// </summary>
public sealed class UnitTable
{
    private const int MostPerPage = 128;

    private readonly Page[] _pages;
    private readonly int _bits;

    private UnitTable(Page[] pages, int bits, int columns, int count) =>
        (_pages, _bits, Columns, Count) = (pages, bits, columns, count);

    /// <param name="columns">Values per unit.</param>
    public static UnitTable Empty(int columns) => new([Page.Empty], 0, columns, 0);

    public int Columns { get; }

    public int Count { get; }

    public bool TryGet(ulong key, out UnitHead head, out ReadOnlySpan<long> values)
    {
        var page = _pages[PageOf(key)];
        var at = Array.BinarySearch(page.Keys, key);
        head = at < 0 ? default : page.Heads[at];
        values = at < 0 ? default : page.Values.AsSpan(at * Columns, Columns);
        return at >= 0;
    }

    public UnitTable Set(ulong key, UnitHead head, ReadOnlySpan<long> values)
    {
        var index = PageOf(key);
        var page = _pages[index];
        var at = Array.BinarySearch(page.Keys, key);
        if (at < 0 && page.Keys.Length >= 2 * MostPerPage)
        {
            return Split().Set(key, head, values);
        }

        var pages = (Page[])_pages.Clone();
        pages[index] = at >= 0 ? page.Replace(at, head, values) : page.Insert(~at, key, head, values);
        return new UnitTable(pages, _bits, Columns, Count + (at >= 0 ? 0 : 1));
    }

    /// <summary>All units in rising order of their keys.</summary>
    public IEnumerable<(ulong Key, UnitHead Head, ImmutableArray<long> Values)> All() =>
        _pages.SelectMany(p =>
            p.Keys.Select((key, i) => (key, p.Heads[i], ImmutableArray.Create(p.Values, i * Columns, Columns)))
        );

    /// <summary>The same units with more values each, which begin at zero.</summary>
    public UnitTable Widen(int columns) =>
        columns == Columns ? this
        : columns < Columns ? throw new ArgumentOutOfRangeException(nameof(columns), columns, "only grows")
        : new UnitTable([.. _pages.Select(p => p.Widen(Columns, columns))], _bits, columns, Count);

    /// <param name="keys">Rising.</param>
    public static UnitTable Restore(int columns, IReadOnlyList<ulong> keys, IReadOnlyList<ulong> heads, long[] values)
    {
        var bits = 0;
        while (keys.Count >> bits > MostPerPage)
        {
            bits++;
        }

        var pages = new Page[1 << bits];
        var from = 0;
        for (var p = 0; p < pages.Length; p++)
        {
            var to = from;
            while (to < keys.Count && (bits == 0 ? 0 : keys[to] >> (64 - bits)) == (ulong)p)
            {
                to++;
            }

            pages[p] = new Page(
                [.. Enumerable.Range(from, to - from).Select(i => keys[i])],
                [.. Enumerable.Range(from, to - from).Select(i => UnitHead.Of(heads[i]))],
                values[(from * columns)..(to * columns)]
            );
            from = to;
        }

        return new UnitTable(pages, bits, columns, keys.Count);
    }

    /// <summary>Names hash evenly, so all pages are about as full: all split at once.</summary>
    private UnitTable Split() =>
        new([.. _pages.SelectMany((p, i) => p.Halves(i, _bits, Columns))], _bits + 1, Columns, Count);

    private int PageOf(ulong key) => _bits == 0 ? 0 : (int)(key >> (64 - _bits));

    private sealed record Page(ulong[] Keys, UnitHead[] Heads, long[] Values)
    {
        public static readonly Page Empty = new([], [], []);

        public Page Replace(int at, UnitHead head, ReadOnlySpan<long> values)
        {
            var (heads, all) = ((UnitHead[])Heads.Clone(), (long[])Values.Clone());
            heads[at] = head;
            values.CopyTo(all.AsSpan(at * values.Length));
            return new Page(Keys, heads, all);
        }

        public Page Insert(int at, ulong key, UnitHead head, ReadOnlySpan<long> values) =>
            new(
                [.. Keys.AsSpan(0, at), key, .. Keys.AsSpan(at)],
                [.. Heads.AsSpan(0, at), head, .. Heads.AsSpan(at)],
                [.. Values.AsSpan(0, at * values.Length), .. values, .. Values.AsSpan(at * values.Length)]
            );

        public IEnumerable<Page> Halves(int index, int bits, int columns)
        {
            var boundary = ((ulong)(2 * index + 1)) << (63 - bits);
            var cut = Array.FindIndex(Keys, k => k >= boundary);
            cut = cut < 0 ? Keys.Length : cut;
            yield return new Page(Keys[..cut], Heads[..cut], Values[..(cut * columns)]);
            yield return new Page(Keys[cut..], Heads[cut..], Values[(cut * columns)..]);
        }

        public Page Widen(int from, int to)
        {
            var values = new long[Keys.Length * to];
            for (var i = 0; i < Keys.Length; i++)
            {
                Values.AsSpan(i * from, from).CopyTo(values.AsSpan(i * to));
            }

            return new Page(Keys, Heads, values);
        }
    }
}
