using System.Collections.Immutable;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// Rows that break a rule. Reading goes on after one, so that the report lists them all and not the first alone; it stops
/// when there are more than may be left out and more than anybody reads.
/// </summary>
/// <param name="allowed">Rows left out before the tables are refused.</param>
internal sealed class BadRows(int allowed)
{
    /// <summary>Listed at most; all are counted.</summary>
    public const int Listed = 1_000;

    private readonly List<BadCell> _cells = [];
    private readonly Dictionary<string, int> _perFile = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public ImmutableArray<BadCell> Cells => [.. _cells];

    public int Of(string file) => _perFile.GetValueOrDefault(file);

    /// <exception cref="BadTableException">Too many.</exception>
    public void Add(BadCell cell)
    {
        Count++;
        _perFile[cell.File] = Of(cell.File) + 1;
        if (_cells.Count < Listed)
        {
            _cells.Add(cell);
        }

        if (Count - allowed > Listed)
        {
            Judge();
        }
    }

    /// <exception cref="BadTableException">More than allowed.</exception>
    public void Judge()
    {
        if (Count > allowed)
        {
            throw new BadTableException(
                (allowed, Count) switch
                {
                    (0, 1) => $"{_cells[0]}",
                    (0, _) => $"{_cells[0]}, and {Count - 1:N0} more bad rows",
                    _ => $"{Count:N0} bad rows, {allowed:N0} allowed, the first: {_cells[0]}",
                }
            );
        }
    }
}
