using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>What a preparation has met so far, for its report.</summary>
internal sealed class PreparationLog(
    PreparationOptions options,
    IProgress<PreparationProgress>? progress,
    CancellationToken ct
)
{
    /// <summary>Rows between two looks at the cancellation: some tens of milliseconds.</summary>
    private const int ReportEvery = 10_000;

    private readonly Dictionary<string, long> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];
    private readonly List<ColumnProfile> _columns = [];
    private PairProfile? _pairs;

    public BadRows BadRows { get; } = new(options.MaxBadRows);

    public ImmutableArray<string> Warnings => [.. _warnings];

    public CancellationToken Cancelled => ct;

    public void Add(ColumnProfile column) => _columns.Add(column);

    public void Add(PairProfile pairs) => _pairs = pairs;

    public void Warn(string warning) => _warnings.Add(warning);

    /// <summary>A table's rows, counted; cancelled between any two.</summary>
    public IEnumerable<ITableRow> Read(string step, string path, TableFormat format, IReadOnlyList<string> wanted)
    {
        var (file, rows) = (Path.GetFileName(path), 0L);
        foreach (var row in TableReader.Read(path, format, wanted, ct))
        {
            if (rows % ReportEvery == 0)
            {
                ct.ThrowIfCancellationRequested();
                progress?.Report(new PreparationProgress(step, rows));
            }

            _rows[file] = Math.Max(_rows.GetValueOrDefault(file), ++rows);
            yield return row;
        }
    }

    public PreparationReport Report(string dataset, string? hash, string? refusal) =>
        new(
            dataset,
            refusal is null ? "prepared" : "refused",
            refusal,
            options.MaxBadRows == 0 ? "strict" : "tolerant",
            options.MaxBadRows,
            hash,
            [
                .. _rows
                    .OrderBy(t => t.Key, StringComparer.Ordinal)
                    .Select(t => new TableReport(t.Key, t.Value, BadRows.Of(t.Key))),
            ],
            BadRows.Count,
            Warnings,
            new DataProfile([.. _columns], _pairs),
            BadRows.Cells
        );
}
