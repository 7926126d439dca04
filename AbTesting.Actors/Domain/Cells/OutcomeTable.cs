using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>An outcome as it is kept.</summary>
/// <param name="At">Seconds since 1970.</param>
/// <param name="Name">Which of the names outcomes carry; see <see cref="MetricLayout.NameOf"/>.</param>
/// <param name="Value">In millionths.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeptOutcome(uint At, byte Name, long Value) : IComparable<KeptOutcome>
{
    public int CompareTo(KeptOutcome other) =>
        At != other.At ? At.CompareTo(other.At)
        : Name != other.Name ? Name.CompareTo(other.Name)
        : Value.CompareTo(other.Value);
}

/// <summary>
/// Outcomes by unit that an exposure may still decide on: its unit's first, or an earlier one that arrives late. 24 bytes
/// each, as long as the test lives. Immutable: a change copies one page of about a hundred.
/// </summary>
public sealed class OutcomeTable
{
    private const int MaxPerPage = 128;

    private readonly Entry[][] _pages;
    private readonly int _bits;

    private OutcomeTable(Entry[][] pages, int bits, int count) => (_pages, _bits, Count) = (pages, bits, count);

    public static readonly OutcomeTable Empty = new(
        [
            [],
        ],
        0,
        0
    );

    public int Count { get; }

    /// <summary>All units that have any, rising; each as often as it has outcomes.</summary>
    public IEnumerable<ulong> Units => _pages.SelectMany(p => p.Select(e => e.Unit));

    /// <summary>A unit's, by time.</summary>
    public ImmutableArray<KeptOutcome> Of(ulong unit)
    {
        var page = _pages[PageOf(unit)];
        var (from, to) = RangeOf(page, unit);
        var kept = ImmutableArray.CreateBuilder<KeptOutcome>(to - from);
        for (var i = from; i < to; i++)
        {
            kept.Add(page[i].Outcome);
        }

        return kept.MoveToImmutable();
    }

    public OutcomeTable Add(ulong unit, KeptOutcome outcome)
    {
        if (Count >= 2 * MaxPerPage << _bits)
        {
            return Split().Add(unit, outcome);
        }

        var index = PageOf(unit);
        var page = _pages[index];
        var entry = new Entry(unit, outcome);
        var at = Array.BinarySearch(page, entry);
        at = at < 0 ? ~at : at;
        var pages = (Entry[][])_pages.Clone();
        pages[index] = [.. page.AsSpan(0, at), entry, .. page.AsSpan(at)];
        return new OutcomeTable(pages, _bits, Count + 1);
    }

    /// <summary>These in place of the unit's present ones.</summary>
    /// <param name="kept">Some of the present ones, in their order.</param>
    public OutcomeTable Keep(ulong unit, IReadOnlyCollection<KeptOutcome> kept)
    {
        var index = PageOf(unit);
        var page = _pages[index];
        var (from, to) = RangeOf(page, unit);
        if (to - from == kept.Count)
        {
            return this;
        }

        var pages = (Entry[][])_pages.Clone();
        pages[index] = [.. page.AsSpan(0, from), .. kept.Select(k => new Entry(unit, k)), .. page.AsSpan(to)];
        return new OutcomeTable(pages, _bits, Count - (to - from) + kept.Count);
    }

    public void CopyTo(CellSnapshot snapshot)
    {
        foreach (var entry in _pages.SelectMany(p => p))
        {
            snapshot.KeptUnits.Add(entry.Unit);
            snapshot.KeptNames.Add(entry.Outcome.Name);
            snapshot.KeptAt.Add(entry.Outcome.At);
            snapshot.KeptValues.Add(entry.Outcome.Value);
        }
    }

    public static OutcomeTable From(CellSnapshot snapshot)
    {
        var (bits, pages) = HashPages.Cut(snapshot.KeptUnits, MaxPerPage);
        return new OutcomeTable([.. pages.Select(Restored)], bits, snapshot.KeptUnits.Count);

        Entry[] Restored(Range range)
        {
            var (from, count) = range.GetOffsetAndLength(snapshot.KeptUnits.Count);
            return
            [
                .. Enumerable
                    .Range(from, count)
                    .Select(i => new Entry(
                        snapshot.KeptUnits[i],
                        new KeptOutcome(snapshot.KeptAt[i], (byte)snapshot.KeptNames[i], snapshot.KeptValues[i])
                    )),
            ];
        }
    }

    private OutcomeTable Split() => new([.. _pages.SelectMany((p, i) => Halves(p, i))], _bits + 1, Count);

    private Entry[][] Halves(Entry[] page, int index)
    {
        var cut = HashPages.Middle([.. page.Select(e => e.Unit)], index, _bits);
        return [page[..cut], page[cut..]];
    }

    private int PageOf(ulong unit) => HashPages.IndexOf(unit, _bits);

    private static (int From, int To) RangeOf(Entry[] page, ulong unit)
    {
        var (low, high) = (0, page.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = page[middle].Unit < unit ? (middle + 1, high) : (low, middle);
        }

        var to = low;
        while (to < page.Length && page[to].Unit == unit)
        {
            to++;
        }

        return (low, to);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(ulong Unit, KeptOutcome Outcome) : IComparable<Entry>
    {
        public int CompareTo(Entry other) =>
            Unit != other.Unit ? Unit.CompareTo(other.Unit) : Outcome.CompareTo(other.Outcome);
    }
}
