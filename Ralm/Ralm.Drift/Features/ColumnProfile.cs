using System.Collections.Frozen;
using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Features;

/// <summary>
/// How one column looked when the model was trained: how many rows fell in each bin. A number's bins lie between its quantiles, and
/// the first and the last one outside of all; a category has one for each of its most frequent values and one for all others. The last bin is that of missing values.
/// </summary>
public sealed class ColumnProfile
{
    /// <summary>Of a number's values: deciles, as is usual for the stability index.</summary>
    public const int NumberBins = 10;

    public const int MaxCategories = 20;

    private readonly FrozenDictionary<string, int> _places;

    /// <param name="borders">Of a number: where bins begin, rising; a value equal to a border lies above it.</param>
    /// <param name="categories">Of a category: those with a bin of their own.</param>
    /// <param name="counts">Rows in each bin.</param>
    private ColumnProfile(
        string name,
        ColumnKind kind,
        ImmutableArray<double> borders,
        ImmutableArray<string> categories,
        ImmutableArray<long> counts
    )
    {
        (Name, Kind, Borders, Categories, Counts) = (name, kind, borders, categories, counts);
        Rows = counts.Sum();
        _places = categories.Index().ToFrozenDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
    }

    public string Name { get; }

    public ColumnKind Kind { get; }

    public ImmutableArray<double> Borders { get; }

    public ImmutableArray<string> Categories { get; }

    /// <summary>Training rows in each bin.</summary>
    public ImmutableArray<long> Counts { get; }

    public long Rows { get; }

    public int MissingBin => Counts.Length - 1;

    /// <summary>All values of a category without a bin of their own; -1 for a number.</summary>
    public int UnknownBin => Kind == ColumnKind.Category ? Counts.Length - 2 : -1;

    /// <param name="values">Training rows, in any order; what is no finite number is missing.</param>
    public static ColumnProfile OfNumbers(string name, IEnumerable<double> values)
    {
        var all = values.ToArray();
        var sorted = all.Where(double.IsFinite).Order().ToArray();
        ImmutableArray<double> borders =
        [
            .. Enumerable
                .Range(0, NumberBins)
                .Where(_ => sorted.Length > 0)
                .Select(k => sorted[(int)((long)k * sorted.Length / NumberBins)])
                .Concat(sorted.TakeLast(1).Select(Math.BitIncrement))
                .Distinct(),
        ];
        return Counted(name, ColumnKind.Number, borders, [], all.Select(ColumnValue.Of));
    }

    /// <param name="values">Training rows, in any order; null is missing.</param>
    public static ColumnProfile OfTexts(string name, IEnumerable<string?> values)
    {
        var all = values.ToArray();
        ImmutableArray<string> categories =
        [
            .. all.OfType<string>()
                .CountBy(v => v, StringComparer.Ordinal)
                .OrderByDescending(c => c.Value)
                .ThenBy(c => c.Key, StringComparer.Ordinal)
                .Take(MaxCategories)
                .Select(c => c.Key),
        ];
        return Counted(name, ColumnKind.Category, [], categories, all.Select(ColumnValue.Of));
    }

    /// <summary>Where a value falls. A text in a column of numbers, or the other way round, is missing.</summary>
    public int BinOf(ColumnValue value)
    {
        if (Kind == ColumnKind.Number)
        {
            return double.IsFinite(value.Number) ? Above(value.Number) : MissingBin;
        }

        return value.Text is null ? MissingBin : _places.GetValueOrDefault(value.Text, UnknownBin);
    }

    /// <summary>Borders that are not above the value.</summary>
    private int Above(double value)
    {
        var found = Borders.BinarySearch(value);
        return found >= 0 ? found + 1 : ~found;
    }

    private static ColumnProfile Counted(
        string name,
        ColumnKind kind,
        ImmutableArray<double> borders,
        ImmutableArray<string> categories,
        IEnumerable<ColumnValue> rows
    )
    {
        var bins = borders.Length + categories.Length + 2;
        var empty = new ColumnProfile(name, kind, borders, categories, [.. new long[bins]]);
        var counts = new long[bins];
        foreach (var row in rows)
        {
            counts[empty.BinOf(row)]++;
        }

        return new ColumnProfile(name, kind, borders, categories, [.. counts]);
    }

    internal void Write(StateWriter state)
    {
        state.Text(Name);
        state.Count((int)Kind);
        state.Count(Borders.Length);
        foreach (var border in Borders)
        {
            state.Number(border);
        }

        state.Count(Categories.Length);
        foreach (var category in Categories)
        {
            state.Text(category);
        }

        state.Count(Counts.Length);
        foreach (var count in Counts)
        {
            state.Count(count);
        }
    }

    internal static ColumnProfile Read(StateReader state)
    {
        var (name, kind) = (state.Text(), (ColumnKind)state.Count((int)ColumnKind.Category));
        var (borders, categories) = (state.Many(state.Number), state.Many(state.Text));
        var counts = state.Many(() => state.Count());
        return counts.Length == borders.Length + categories.Length + 2
            ? new ColumnProfile(name, kind, borders, categories, counts)
            : throw StateReader.Broken($"{counts.Length} bins of column {name}");
    }
}
