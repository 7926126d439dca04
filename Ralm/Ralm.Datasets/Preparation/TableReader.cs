using System.IO.Compression;
using System.Text;
using CsvHelper;
using Parquet;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// Reads CSV, JSON Lines or Parquet (by the file's ending; .gz is unpacked on the way) row by row, only the wanted
/// columns.
/// </summary>
public static class TableReader
{
    /// <exception cref="BadTableException">No such file or column, or not the text that its format says.</exception>
    public static IEnumerable<ITableRow> Read(
        string path,
        TableFormat format,
        IReadOnlyList<string> wanted,
        CancellationToken ct = default
    ) =>
        KindOf(path) switch
        {
            Kind.JsonLines => Guard(path, format, JsonLinesTable.Read(path, format, wanted)),
            Kind.Parquet => Guard(path, format, ParquetTable.Read(path, wanted, ct)),
            _ => Guard(path, format, CsvTable.Read(path, format, wanted)),
        };

    /// <summary>What the columns are called; of JSON Lines those of the first thousand rows.</summary>
    /// <exception cref="BadTableException">No such file, or not the text that its format says.</exception>
    internal static IReadOnlyList<string> Columns(string path, TableFormat format, CancellationToken ct) =>
        KindOf(path) switch
        {
            Kind.JsonLines => JsonLinesTable.Columns(path, format),
            Kind.Parquet => ParquetTable.Columns(path, ct),
            _ => CsvTable.Columns(path, format),
        };

    internal static bool IsTable(string path) => Find(path) is not null;

    /// <exception cref="BadTableException">The column is not there, or twice.</exception>
    internal static int Place(string path, IReadOnlyList<string> header, string column)
    {
        int[] places = [.. header.Index().Where(h => h.Item == column).Select(h => h.Index)];
        return places.Length switch
        {
            1 => places[0],
            0 => throw new BadTableException(
                $"{path}: no column \"{column}\"; it has {string.Join(", ", header)}{Advice(header)}"
            ),
            _ => throw new BadTableException($"{path}: column \"{column}\" comes twice: {string.Join(", ", header)}"),
        };
    }

    internal static StreamReader Open(string path, TableFormat format) =>
        new(OpenBytes(path), format.ToText(), detectEncodingFromByteOrderMarks: format.Encoding is null, 1 << 16);

    private static string Advice(IReadOnlyList<string> header) =>
        header.Any(h => h.Contains('\0', StringComparison.Ordinal))
            ? " (if it is UTF-16, say so: \"format\": {\"encoding\": \"utf-16\"})"
        : header is [var only]
        && ";\t|".FirstOrDefault(c => only.Contains(c, StringComparison.Ordinal)) is var other and not '\0'
            ? $" (if its cells are parted by {(other == '\t' ? "tabs" : other)}, say so: \"format\": {{\"delimiter\": \"{(other == '\t' ? "\\t" : other)}\"}})"
        : "";

    private static Kind KindOf(string path)
    {
        if (!File.Exists(path))
        {
            throw new BadTableException($"{path}: no such file");
        }

        return Find(path)
            ?? throw new BadTableException(
                $"{path}: \"{Path.GetExtension(path)}\" is none of .csv, .tsv, .jsonl (each may be packed: .gz), .parquet"
            );
    }

    private static Kind? Find(string path)
    {
        var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        return Path.GetExtension(packed ? path[..^3] : path).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" => Kind.Csv,
            ".jsonl" or ".ndjson" => Kind.JsonLines,
            ".parquet" when !packed => Kind.Parquet,
            _ => null,
        };
    }

    /// <summary>Turns the readers' own exceptions into one that names file and line.</summary>
    private static IEnumerable<ITableRow> Guard(string path, TableFormat format, IEnumerable<ITableRow> rows)
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
                throw new BadTableException(Undecodable(path, format), e);
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
    private static string Undecodable(string path, TableFormat format)
    {
        using var bytes = new StreamReader(OpenBytes(path), Encoding.Latin1);
        var line = 1L;
        while (bytes.ReadLine() is { } text && IsValid(format, Encoding.Latin1.GetBytes(text)))
        {
            line++;
        }

        return format.Encoding is { } said
            ? $"{path} line {line:N0}: not valid {said}, which its format.encoding says"
            : $"{path} line {line:N0}: not valid UTF-8; say what it is, for example \"format\": {{\"encoding\": \"windows-1252\"}}";
    }

    private static bool IsValid(TableFormat format, byte[] line)
    {
        try
        {
            _ = format.ToText().GetCharCount(line);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static Stream OpenBytes(string path)
    {
        Stream stream = File.OpenRead(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream = new GZipStream(stream, CompressionMode.Decompress);
        }

        return stream;
    }

    private enum Kind
    {
        Csv,
        JsonLines,
        Parquet,
    }
}
