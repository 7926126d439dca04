using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Streams;

/// <param name="Label">0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LabelledRow(Features Features, double Label);

/// <param name="Rows">Bad ones too.</param>
/// <param name="IsInOrder">They can be learned as they come.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RowOrder(long Rows, bool IsInOrder);

/// <summary>
/// A table as a stream: its rows one by one, in the order of their times or of the file. Memory holds a row, or all of
/// them where the file is not in the order of its times.
/// </summary>
public sealed class RowStream
{
    private const int Label = 0;
    private const int Time = 1;

    private readonly RowTable _table;
    private readonly string _file;
    private readonly CellParser _cells;
    private readonly BadRows _bad;
    private readonly TimeText _time;

    private RowStream(StreamDescription description, string file, StreamColumns columns, int maxBadRows)
    {
        (Name, _table, _file) = (description.Name, description.Rows, file);
        (Columns, Guesses) = (columns.Rules, columns.Guesses);
        _cells = new CellParser(
            file,
            _table.Format,
            [_table.Label, _table.Time ?? _table.Label],
            Columns,
            [.. description.Missing, .. columns.Missing]
        );
        _bad = new BadRows(maxBadRows);
        _time = new TimeText(_table.TimeFormat);
    }

    public string Name { get; }

    public ImmutableSortedDictionary<string, ColumnRule> Columns { get; }

    /// <summary>What was found out about columns that nobody described.</summary>
    public ImmutableArray<string> Guesses { get; }

    /// <summary>Rows left out.</summary>
    public int BadRows => _bad.Count;

    /// <summary>Features that are numbers.</summary>
    public ImmutableArray<string> Numbers =>
        [.. Columns.Where(c => c.Value.Type == FeatureKind.Number).Select(c => c.Key)];

    /// <summary>Of all other features.</summary>
    public IEnumerable<FeatureFitter> Fitters() =>
        _cells.Fitters().ExceptBy(Numbers, f => f.Name, StringComparer.Ordinal);

    /// <param name="descriptionPath">Of a dataset.json with <c>rows</c>.</param>
    /// <param name="maxBadRows">Left out before the table is refused; 0 or more.</param>
    /// <exception cref="BadTableException">Description or table are not usable.</exception>
    public static RowStream Open(string descriptionPath, int maxBadRows, CancellationToken ct)
    {
        if (maxBadRows < 0)
        {
            throw new BadTableException($"max_bad_rows \"{maxBadRows}\" must be 0 or more");
        }

        var description = DescriptionFile.Read(descriptionPath, StreamDescription.Parse);
        var file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(descriptionPath))!, description.Rows.File);
        var columns = description.Rows.Columns is { } said
            ? new StreamColumns(said, [], [])
            : StreamColumns.Of(file, description.Rows, ct);
        return new RowStream(description, file, columns, maxBadRows);
    }

    /// <summary>A pass over the table: how many rows it has, and whether they are in the order that is wanted.</summary>
    /// <exception cref="BadTableException">The table cannot be read.</exception>
    public RowOrder Look(CancellationToken ct)
    {
        var (rows, isInOrder, last) = (0L, true, double.NegativeInfinity);
        foreach (var row in TableReader.Read(_file, _table.Format, _cells.Wanted, ct))
        {
            ct.ThrowIfCancellationRequested();
            rows++;
            if (_table.Time is null || !isInOrder)
            {
                continue;
            }

            try
            {
                var moment = Moment(row);
                (isInOrder, last) = (moment >= last, moment);
            }
            catch (BadTableException e) when (e.Cell is not null)
            {
                // It is told when the row is read as one.
            }
        }

        return new RowOrder(rows, isInOrder);
    }

    /// <summary>Once: bad rows are counted.</summary>
    /// <exception cref="BadTableException">The table cannot be read on, or more rows are bad than may be left out.</exception>
    public IEnumerable<LabelledRow> Read(RowOrder order, CancellationToken ct) =>
        order.IsInOrder ? Rows(ct).Select(r => r.Row) : Rows(ct).OrderBy(r => r.Moment).Select(r => r.Row);

    private IEnumerable<(LabelledRow Row, double Moment)> Rows(CancellationToken ct)
    {
        foreach (var row in TableReader.Read(_file, _table.Format, _cells.Wanted, ct))
        {
            ct.ThrowIfCancellationRequested();
            (LabelledRow, double) parsed;
            try
            {
                parsed = (Parse(row), _table.Time is null ? 0 : Moment(row));
            }
            catch (BadTableException e) when (e.Cell is { } cell)
            {
                _bad.Add(cell);
                // What would be refused at the end is not learned until then.
                _bad.Judge();
                continue;
            }

            yield return parsed;
        }
    }

    private LabelledRow Parse(ITableRow row) =>
        _cells.Number(row, Label) is >= 0 and <= 1 and var label
            ? new LabelledRow(_cells.Parse(row), label)
            : throw _cells.Bad(row, Label, "must be 0 to 1");

    private double Moment(ITableRow row) =>
        _cells.IsMissing(row, Time)
            ? throw _cells.Bad(row, Time, "is missing; rows come in the order of their times")
            : _cells.Moment(row, Time, _time);
}
