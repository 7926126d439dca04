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
            TableKind.JsonLines => Guard(path, format, JsonLinesTable.Read(path, format, wanted)),
            TableKind.Parquet => Guard(path, format, ParquetTable.Read(path, wanted, ct)),
            _ => Guard(path, format, CsvTable.Read(path, format, wanted)),
        };

    /// <summary>What the columns are called; of JSON Lines those of the first thousand rows.</summary>
    /// <exception cref="BadTableException">No such file, or not the text that its format says.</exception>
    public static IReadOnlyList<string> Columns(string path, TableFormat format, CancellationToken ct) =>
        KindOf(path) switch
        {
            TableKind.JsonLines => JsonLinesTable.Columns(path, format),
            TableKind.Parquet => ParquetColumns(path, ct),
            _ => CsvTable.Columns(path, format),
        };

    private static IReadOnlyList<string> ParquetColumns(string path, CancellationToken ct)
    {
        try
        {
            return ParquetTable.Columns(path, ct);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ParquetException)
        {
            throw new BadTableException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    internal static bool IsTable(string path) => TableKinds.Of(path) is not null;

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

    /// <summary>Strict in every encoding: bytes that mean nothing are an error, whoever has said what they are.</summary>
    /// <exception cref="BadTableException">Its byte-order mark is another encoding's than the declared one.</exception>
    internal static StreamReader Open(string path, TableFormat format) =>
        new(OpenBytes(path), EncodingOf(path, format), detectEncodingFromByteOrderMarks: false, 1 << 16);

    private static Encoding EncodingOf(string path, TableFormat format)
    {
        using var stream = OpenBytes(path);
        var first = new byte[4];
        int read;
        try
        {
            read = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            // Packed, and damaged: whoever reads on is told where.
            return format.ToText();
        }

        // The mark of UTF-32 begins with that of UTF-16.
        foreach (var name in (string[])["utf-32", "utf-32BE", "utf-8", "utf-16", "utf-16BE"])
        {
            var marked = (TableFormat.Default with { Encoding = name }).ToText();
            if (!first.AsSpan(0, read).StartsWith(marked.GetPreamble()))
            {
                continue;
            }

            return format.Encoding is not { } said || format.ToText().CodePage == marked.CodePage
                ? marked
                : throw new BadTableException(
                    $"{path}: begins with the byte-order mark of {marked.WebName}, and its format.encoding says {said}"
                );
        }

        return format.ToText();
    }

    private static string Advice(IReadOnlyList<string> header) =>
        header.Any(h => h.Contains('\0', StringComparison.Ordinal))
            ? " (if it is UTF-16, say so: \"format\": {\"encoding\": \"utf-16\"})"
        : header is [var only]
        && ";\t|".FirstOrDefault(c => only.Contains(c, StringComparison.Ordinal)) is var other and not '\0'
            ? $" (if its cells are parted by {(other == '\t' ? "tabs" : other)}, say so: \"format\": {{\"delimiter\": \"{(other == '\t' ? "\\t" : other)}\"}})"
        : "";

    private static TableKind KindOf(string path)
    {
        if (!File.Exists(path))
        {
            throw new BadTableException($"{path}: no such file");
        }

        return TableKinds.Of(path)
            ?? throw new BadTableException(
                $"{path}: \"{Path.GetExtension(path)}\" is none of .csv, .tsv, .jsonl (each may be packed: .gz), .parquet"
            );
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
            catch (InvalidDataException e) when (TableKinds.IsPacked(path))
            {
                throw new BadTableException(
                    $"{path} after line {line:N0}: what gzip has packed is damaged or breaks off",
                    e
                );
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
        var encoding = EncodingOf(path, format);
        using var bytes = OpenBytes(path);
        var decoder = encoding.GetDecoder();
        var one = new byte[1];
        var chars = new char[4];
        var line = 1L;
        try
        {
            // A byte at a time: whatever is read ahead hides the fault's place.
            for (int read; (read = bytes.Read(one)) >= 0; )
            {
                line += chars.AsSpan(0, decoder.GetChars(one.AsSpan(0, read), chars, flush: read == 0)).Count('\n');
                if (read == 0)
                {
                    break;
                }
            }
        }
        catch (DecoderFallbackException)
        {
            // There.
        }

        return format.Encoding is { } said ? $"{path} line {line:N0}: not valid {said}, which its format.encoding says"
            : encoding is not UTF8Encoding
                ? $"{path} line {line:N0}: not valid {encoding.WebName}, which its byte-order mark says"
            : $"{path} line {line:N0}: not valid UTF-8; say what it is, for example \"format\": {{\"encoding\": \"windows-1252\"}}";
    }

    /// <exception cref="BadTableException">Its first bytes are not those that its name says.</exception>
    private static Stream OpenBytes(string path)
    {
        Stream stream = File.OpenRead(path);
        Span<byte> first = stackalloc byte[GzipMagic.Length];
        var isGzip = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)]
            .SequenceEqual(GzipMagic);
        stream.Position = 0;
        if (isGzip == TableKinds.IsPacked(path))
        {
            return isGzip ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }

        stream.Dispose();
        throw new BadTableException(
            isGzip
                ? $"{path}: is packed with gzip, and its name does not end in .gz"
                : $"{path}: is not packed with gzip, and its name says so"
        );
    }

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];
}
