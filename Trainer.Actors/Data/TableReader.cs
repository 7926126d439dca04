using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;
using CsvHelper.Configuration;
using Parquet;

namespace RalmActors.Trainer.Data;

/// <summary>One row as text cells; valid until the next one is asked for.</summary>
public interface ITableRow
{
    long Line { get; }

    /// <summary>The cell of the n-th wanted column.</summary>
    /// <exception cref="BadTableException">The row as a whole cannot be read; the next ones may be.</exception>
    string this[int wanted] { get; }
}

/// <summary>
/// Reads CSV, JSON Lines or Parquet (by the file's ending; .gz is unpacked on the way) row by row, only the wanted
/// columns. Text must be UTF-8.
/// </summary>
public static class TableReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static readonly JsonDocumentOptions OneOfEach = new() { AllowDuplicateProperties = false };

    /// <exception cref="BadTableException">No such file or column, or not UTF-8.</exception>
    public static IEnumerable<ITableRow> Read(string path, IReadOnlyList<string> wanted, CancellationToken ct = default)
    {
        if (!File.Exists(path))
        {
            throw new BadTableException($"{path}: no such file");
        }

        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => Guard(path, ReadCsv(path, wanted)),
            ".jsonl" or ".ndjson" => Guard(path, ReadJsonLines(path, wanted)),
            ".parquet" => Guard(path, ReadParquet(path, wanted, ct)),
            var other => throw new BadTableException($"{path}: \"{other}\" is none of .csv, .jsonl, .parquet"),
        };
    }

    /// <summary>Turns the readers' own exceptions into one that names file and line.</summary>
    private static IEnumerable<ITableRow> Guard(string path, IEnumerable<ITableRow> rows)
    {
        using var each = rows.GetEnumerator();
        var line = 1L;
        while (true)
        {
            try
            {
                if (!each.MoveNext())
                {
                    yield break;
                }
            }
            catch (Exception e)
                when (e is DecoderFallbackException or CsvHelperException { InnerException: DecoderFallbackException })
            {
                throw new BadTableException(
                    $"{path} line {FirstBadLine(path):N0}: not valid UTF-8; convert it, for example with iconv -t UTF-8",
                    e
                );
            }
            catch (CsvHelperException e)
            {
                throw new BadTableException($"{path} after line {line:N0}: not CSV: {e.Message.Split('\n')[0]}", e);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or ParquetException)
            {
                throw new BadTableException($"{path} after line {line:N0}: cannot be read on: {e.Message}", e);
            }

            line = each.Current.Line;
            yield return each.Current;
        }
    }

    /// <summary>Decoding runs ahead of the rows by a buffer, so the place is looked for when it is asked for.</summary>
    private static long FirstBadLine(string path)
    {
        using var bytes = new StreamReader(OpenBytes(path), Encoding.Latin1);
        var line = 1L;
        while (bytes.ReadLine() is { } text && Utf8.IsValid(Encoding.Latin1.GetBytes(text)))
        {
            line++;
        }

        return line;
    }

    private static StreamReader Open(string path) =>
        new(OpenBytes(path), StrictUtf8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);

    private static Stream OpenBytes(string path)
    {
        Stream stream = File.OpenRead(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream = new GZipStream(stream, CompressionMode.Decompress);
        }

        return stream;
    }

    private static IEnumerable<ITableRow> ReadCsv(string path, IReadOnlyList<string> wanted)
    {
        using var reader = Open(path);
        using var csv = new CsvParser(
            reader,
            new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null }
        );
        if (!csv.Read())
        {
            throw new BadTableException($"{path}: is empty; a header line is needed");
        }

        var header = csv.Record!.Select(h => h.Trim()).ToList();
        var places = wanted.Select(column => Place(path, header, column)).ToArray();
        var row = new CsvRow(Path.GetFileName(path), csv, places, header.Count);
        while (csv.Read())
        {
            yield return row;
        }
    }

    private static int Place(string path, List<string> header, string column)
    {
        var place = header.IndexOf(column);
        return place != header.LastIndexOf(column)
                ? throw new BadTableException($"{path}: column \"{column}\" comes twice: {string.Join(", ", header)}")
            : place >= 0 ? place
            : throw new BadTableException($"{path}: no column \"{column}\"; it has {string.Join(", ", header)}");
    }

    private static IEnumerable<ITableRow> ReadJsonLines(string path, IReadOnlyList<string> wanted)
    {
        using var reader = Open(path);
        var cells = new string[wanted.Count];
        for (var line = 1L; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
            {
                continue;
            }

            yield return Fill(cells, text, wanted, Path.GetFileName(path), line) is { } bad
                ? new BrokenRow(bad)
                : new ArrayRow(line, cells);
        }
    }

    /// <returns>Null where the row can be read.</returns>
    private static BadCell? Fill(string[] cells, string text, IReadOnlyList<string> wanted, string file, long line)
    {
        using var json = Parse(text, out var broken);
        if (json is null)
        {
            return BadCell.WholeRow(file, line, broken);
        }

        for (var i = 0; i < cells.Length; i++)
        {
            var there = json.RootElement.TryGetProperty(wanted[i], out var value);
            if (there && value.ValueKind == JsonValueKind.Object)
            {
                return new BadCell(file, line, wanted[i], value.GetRawText(), "must not be an object");
            }

            cells[i] = there ? Cell(value) : "";
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
            broken = $"is not JSON: {e.Message.Split(" LineNumber: ")[0]} (byte {e.BytePositionInLine})";
        }

        return null;
    }

    private static string Cell(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join('|', value.EnumerateArray().Select(Cell)),
            JsonValueKind.True => "1",
            JsonValueKind.False => "0",
            _ => value.GetRawText(),
        };

    /// <summary>One row group at a time.</summary>
    private static IEnumerable<ITableRow> ReadParquet(string path, IReadOnlyList<string> wanted, CancellationToken ct)
    {
        using var stream = File.OpenRead(path);
        var reader = ParquetReader.CreateAsync(stream, cancellationToken: ct).GetAwaiter().GetResult();
        try
        {
            var fields = reader.Schema.GetDataFields().ToDictionary(f => f.Name, StringComparer.Ordinal);
            var header = fields.Keys.ToList();
            foreach (var column in wanted)
            {
                Place(path, header, column);
            }

            var row = new ColumnRow();
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                row.Columns = [.. wanted.Select(c => ParquetColumns.Read(group, fields[c], ct))];
                for (row.Row = 0; row.Row < group.RowCount; row.Row++)
                {
                    row.Line++;
                    yield return row;
                }

                // Or two groups would be in memory while the next one is read.
                row.Columns = [];
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private sealed class CsvRow(string file, CsvParser csv, int[] places, int cells) : ITableRow
    {
        public long Line => csv.RawRow;

        public string this[int wanted] =>
            csv.Count == cells
                ? csv[places[wanted]]
                : throw new BadTableException(
                    BadCell.WholeRow(file, Line, $"has {csv.Count} cells, the header has {cells}")
                );
    }

    private sealed record ArrayRow(long Line, string[] Cells) : ITableRow
    {
        public string this[int wanted] => Cells[wanted];
    }

    private sealed record BrokenRow(BadCell Bad) : ITableRow
    {
        public long Line => Bad.Line;

        public string this[int wanted] => throw new BadTableException(Bad);
    }

    private sealed class ColumnRow : ITableRow
    {
        public Func<int, string>[] Columns { get; set; } = [];

        public int Row { get; set; }

        public long Line { get; set; } = 1;

        public string this[int wanted] => Columns[wanted](Row);
    }
}
