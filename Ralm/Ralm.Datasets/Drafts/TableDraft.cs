using System.Collections.Immutable;
using System.Text;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;

namespace Ralm.Datasets.Drafts;

/// <summary>A table as it seems to be written, and its columns.</summary>
/// <param name="Guesses">About how it is written.</param>
internal sealed record TableDraft(
    string File,
    TableFormat Format,
    ImmutableArray<ColumnDraft> Columns,
    int Rows,
    ImmutableArray<string> Guesses
)
{
    /// <summary>Rows looked at.</summary>
    public const int MaxRows = 20_000;

    /// <exception cref="BadTableException">It cannot be read in any way.</exception>
    public static TableDraft Of(string path, CancellationToken ct)
    {
        var guesses = new List<string>();
        var format = FormatOf(path, guesses, ct);
        string[] columns =
        [
            .. TableReader.Columns(path, format, ct).Except(Structured(path, format), StringComparer.Ordinal),
        ];
        var cells = columns.Select(_ => new List<(string, IReadOnlyList<string>?)>()).ToArray();
        var rows = 0;
        foreach (var row in TableReader.Read(path, format, columns, ct).Take(MaxRows))
        {
            ct.ThrowIfCancellationRequested();
            for (var k = 0; k < columns.Length; k++)
            {
                cells[k].Add((row[k], row.List(k)));
            }

            rows++;
        }

        if (IsDecimalComma(cells))
        {
            format = format with { Decimal = "," };
            guesses.Add("decimal , for numbers such as 1,5");
        }

        return new TableDraft(
            Path.GetFileName(path),
            format,
            [.. columns.Select((c, k) => ColumnDraft.Of(c, cells[k], format))],
            rows,
            [.. guesses]
        );
    }

    /// <summary>Columns that hold objects are nobody's feature; a table may have them all the same.</summary>
    private static IEnumerable<string> Structured(string path, TableFormat format) =>
        TableKinds.Of(path) == TableKind.JsonLines ? JsonLinesTable.Structured(path, format) : [];

    private static TableFormat FormatOf(string path, List<string> guesses, CancellationToken ct)
    {
        var format = TableFormat.Default;
        if (!IsUtf8(path, ct))
        {
            format = format with { Encoding = "windows-1252" };
            guesses.Add("encoding windows-1252, because it is not UTF-8; others are as likely: look at its letters");
        }

        if (TableReader.Columns(path, format, ct) is [var only])
        {
            var delimiter = ";\t|".FirstOrDefault(c => only.Contains(c, StringComparison.Ordinal));
            if (delimiter != default)
            {
                format = format with { Delimiter = delimiter.ToString() };
                guesses.Add($"delimiter {(delimiter == '\t' ? "tab" : delimiter)}, by the header");
            }
        }

        return format;
    }

    private static bool IsUtf8(string path, CancellationToken ct)
    {
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            using var text = TableReader.Open(path, TableFormat.Default);
            var part = new char[1 << 16];
            while (text.Read(part) > 0)
            {
                ct.ThrowIfCancellationRequested();
            }

            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool IsDecimalComma(List<(string Text, IReadOnlyList<string>? List)>[] cells) =>
        cells.Any(column =>
        {
            string[] there = [.. column.Where(c => c.List is null && c.Text.Length > 0).Select(c => c.Text)];
            return there.Length > 0
                && there.Any(t => t.Contains(',', StringComparison.Ordinal))
                && there.All(t => (TableFormat.Default with { Decimal = "," }).TryParse(t, out _));
        });
}
