using System.Text.Json;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>One JSON object a line. Arrays stay lists; true is 1, false 0, null and what is not there the empty text.</summary>
internal static class JsonLinesTable
{
    private const int LinesForColumns = 1_000;

    private static readonly JsonDocumentOptions OneOfEach = new() { AllowDuplicateProperties = false };

    public static IReadOnlyList<string> Columns(string path, TableFormat format)
    {
        using var reader = TableReader.Open(path, format);
        List<string> columns = [];
        for (var line = 0; line < LinesForColumns && reader.ReadLine() is { } text; line++)
        {
            using var json = Parse(text, out _);
            columns.AddRange(
                json?.RootElement.EnumerateObject().Select(p => p.Name).Except(columns, StringComparer.Ordinal) ?? []
            );
        }

        return columns;
    }

    public static IEnumerable<ITableRow> Read(string path, TableFormat format, IReadOnlyList<string> wanted)
    {
        using var reader = TableReader.Open(path, format);
        var row = new Row(wanted.Count);
        for (var line = 1L; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                (row.Line, row.Bad) = (line, Fill(row, text, wanted, Path.GetFileName(path), line));
                yield return row;
            }
        }
    }

    /// <returns>Null where the row can be read.</returns>
    private static BadCell? Fill(Row row, string text, IReadOnlyList<string> wanted, string file, long line)
    {
        using var json = Parse(text, out var broken);
        if (json is null)
        {
            return BadCell.WholeRow(file, line, broken);
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            var value = json.RootElement.TryGetProperty(wanted[i], out var there) ? there : default;
            try
            {
                row.Lists[i] =
                    value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Scalar)] : null;
                row.Cells[i] = row.Lists[i] is null ? Scalar(value) : value.GetRawText();
            }
            catch (InvalidOperationException e)
            {
                return new BadCell(file, line, wanted[i], value.GetRawText(), e.Message);
            }
        }

        return null;
    }

    private static JsonDocument? Parse(string text, out string broken)
    {
        broken = "is not a JSON object";
        try
        {
            var json = JsonDocument.Parse(text, OneOfEach);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return json;
            }

            json.Dispose();
        }
        catch (JsonException e)
        {
            // The parser's own line number is always 0 here.
            var place = e.BytePositionInLine is { } at ? $" (byte {at})" : "";
            broken = $"is not JSON: {e.Message.Split(" LineNumber: ")[0]}{place}";
        }

        return null;
    }

    /// <exception cref="InvalidOperationException">The value is none; the message is the rule.</exception>
    private static string Scalar(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.String => Text(value),
            JsonValueKind.True => "1",
            JsonValueKind.False => "0",
            JsonValueKind.Object => throw new InvalidOperationException("must not be an object"),
            JsonValueKind.Array => throw new InvalidOperationException("must not be a list of lists"),
            _ => value.GetRawText(),
        };

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException("has half of a character: a surrogate without the other", e);
        }
    }

    private sealed class Row(int wanted) : ITableRow
    {
        public long Line { get; set; }

        public BadCell? Bad { get; set; }

        public string[] Cells { get; } = new string[wanted];

        public string[]?[] Lists { get; } = new string[]?[wanted];

        public string this[int at] => Bad is { } bad ? throw new BadTableException(bad) : Cells[at];

        public IReadOnlyList<string>? List(int at) => Bad is null ? Lists[at] : null;
    }
}
