using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// One JSON object a line. Arrays stay lists; null and what is not there are the empty text. A number is its value, however it
/// is written: 1 and 1.0 are one id.
/// </summary>
internal static class JsonLinesTable
{
    private const int LinesForColumns = 1_000;

    /// <summary>Of columns nobody asked for, to whoever has misspelt one.</summary>
    private const int NamesShown = 50;

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

    /// <summary>Columns with an object, or a list of other than values, in one of the first thousand rows.</summary>
    public static IReadOnlySet<string> Structured(string path, TableFormat format)
    {
        using var reader = TableReader.Open(path, format);
        var structured = new HashSet<string>(StringComparer.Ordinal);
        for (var line = 0; line < LinesForColumns && reader.ReadLine() is { } text; line++)
        {
            using var json = Parse(text, out _);
            structured.UnionWith(
                json?.RootElement.EnumerateObject().Where(p => IsStructured(p.Value)).Select(p => p.Name) ?? []
            );
        }

        return structured;
    }

    private static bool IsStructured(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        || (
            value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().Any(v => v.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        );

    public static IEnumerable<ITableRow> Read(string path, TableFormat format, IReadOnlyList<string> wanted)
    {
        using var reader = TableReader.Open(path, format);
        var row = new Row(wanted.Count);
        var others = new SortedSet<string>(StringComparer.Ordinal);
        for (var line = 1L; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                (row.Line, row.Bad) = (line, Fill(row, text, wanted, Path.GetFileName(path), line, others));
                yield return row;
            }
        }

        CheckNames(path, row, wanted, others);
    }

    /// <summary>A name that no row has is a misspelt one; a name that some lack is not.</summary>
    /// <exception cref="BadTableException">No row has a column that is wanted.</exception>
    private static void CheckNames(string path, Row row, IReadOnlyList<string> wanted, SortedSet<string> others)
    {
        var missing = Array.IndexOf(row.IsKnown, false);
        string[] there = [.. wanted.Where((_, i) => row.IsKnown[i]).Concat(others).Distinct(StringComparer.Ordinal)];
        // Rows without any name could not be read, and have been told.
        if (missing >= 0 && there.Length > 0)
        {
            throw new BadTableException(
                $"{path}: no row has a \"{wanted[missing]}\"; they have {string.Join(", ", there)}"
            );
        }
    }

    /// <returns>Null where the row can be read.</returns>
    private static BadCell? Fill(
        Row row,
        string text,
        IReadOnlyList<string> wanted,
        string file,
        long line,
        SortedSet<string> others
    )
    {
        using var json = Parse(text, out var broken);
        if (json is null)
        {
            return BadCell.WholeRow(file, line, broken);
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            var isThere = json.RootElement.TryGetProperty(wanted[i], out var there);
            row.IsKnown[i] |= isThere;
            var value = isThere ? there : default;
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

        if (Array.IndexOf(row.IsKnown, false) >= 0 && others.Count < NamesShown)
        {
            others.UnionWith(json.RootElement.EnumerateObject().Select(p => p.Name).Except(wanted));
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
            broken = e.Message.Split('\'') is ["Duplicate property ", var name, ..]
                ? $"has \"{name}\" twice"
                : $"is not JSON: {JsonFault.Syntax(e)}{place}";
        }

        return null;
    }

    /// <exception cref="InvalidOperationException">The value is none; the message is the rule.</exception>
    private static string Scalar(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.String => Text(value),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => Number(value),
            JsonValueKind.Object => throw new InvalidOperationException("must not be an object"),
            JsonValueKind.Array => throw new InvalidOperationException("must not be a list of lists"),
            _ => throw new InvalidOperationException("is no JSON value"),
        };

    /// <summary>Whole numbers of any length stay as they are; of others the value counts.</summary>
    private static string Number(JsonElement value)
    {
        var raw = value.GetRawText();
        return raw.AsSpan().IndexOfAny(".eE") < 0 ? (raw == "-0" ? "0" : raw)
            : value.TryGetDouble(out var number) && double.IsFinite(number)
                ? (number == 0 ? 0 : number).ToString(CultureInfo.InvariantCulture)
            : raw;
    }

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

        /// <summary>Of each column, that a row had it, were it null.</summary>
        public bool[] IsKnown { get; } = new bool[wanted];

        public string this[int at] => Bad is { } bad ? throw new BadTableException(bad) : Cells[at];

        public IReadOnlyList<string>? List(int at) => Bad is null ? Lists[at] : null;
    }
}
