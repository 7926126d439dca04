using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// RFC 4180, with a header, in the dialect that is declared. A cell that has text beside its quotes makes a bad row; one
/// that has swallowed lines so refuses the table, for what it swallowed may be half of it.
/// </summary>
internal static class CsvTable
{
    public static IReadOnlyList<string> Columns(string path, TableFormat format)
    {
        using var records = new CsvRecords(path, format);
        return records.Header();
    }

    public static IEnumerable<ITableRow> Read(string path, TableFormat format, IReadOnlyList<string> wanted)
    {
        using var records = new CsvRecords(path, format);
        var header = records.Header();
        var row = new Row(records, [.. wanted.Select(c => TableReader.Place(path, header, c))], header.Count);
        while (records.Read())
        {
            yield return row;
        }
    }

    private sealed class Row(CsvRecords records, int[] places, int cells) : ITableRow
    {
        public long Line => records.Line;

        public string this[int wanted] =>
            records.Bad is { } bad ? throw new BadTableException(bad)
            : records.Count == cells ? records[places[wanted]]
            : throw new BadTableException(
                BadCell.WholeRow(records.File, Line, $"has {records.Count} cells, the header has {cells}")
            );

        public IReadOnlyList<string>? List(int wanted) => null;
    }

    /// <summary>The records of a file, and what the parser passes over in silence.</summary>
    private sealed class CsvRecords : IDisposable
    {
        /// <summary>Characters of one cell: more are a quote that nobody closed.</summary>
        private const int MaxCellLength = 1 << 20;

        private readonly string _path;
        private readonly QuoteWatch _text;
        private readonly CsvParser _csv;
        private string? _misquoted;

        public CsvRecords(string path, TableFormat format)
        {
            (_path, File) = (path, Path.GetFileName(path));
            var quote =
                format.Quote is null ? '"'
                : format.Quote is [var declared] ? declared
                : '\0';
            _text = new QuoteWatch(TableReader.Open(path, format), quote);
            _csv = new CsvParser(
                _text,
                new CsvConfiguration(CultureInfo.InvariantCulture)
                {
                    Delimiter = format.DelimiterIn(path).ToString(),
                    Quote = quote,
                    Escape = quote,
                    Mode = quote == '\0' ? CsvMode.NoEscape : CsvMode.RFC4180,
                    MaxFieldSize = MaxCellLength,
                    // Only a cell that begins with a quote is quoted: 5'10" is a height.
                    BadDataFound = bad =>
                        _misquoted ??= bad.Field.TrimStart() is [var first, ..] && first == quote ? bad.Field : null,
                }
            );
        }

        public string File { get; }

        public int Count => _csv.Count;

        /// <summary>Where the record begins, as an editor counts.</summary>
        public long Line => Bad?.Line ?? _csv.RawRow - Breaks(_csv.RawRecord.AsSpan().TrimEnd("\r\n"));

        /// <summary>Why the record as a whole cannot be read.</summary>
        public BadCell? Bad { get; private set; }

        public string this[int place] => _csv[place];

        public IReadOnlyList<string> Header()
        {
            if (!Read())
            {
                throw new BadTableException($"{_path}: is empty; a header line is needed");
            }

            return Bad is { } bad ? throw new BadTableException(bad) : [.. _csv.Record!.Select(h => h.Trim())];
        }

        /// <exception cref="BadTableException">A quote has swallowed lines.</exception>
        public bool Read()
        {
            (_misquoted, Bad) = (null, null);
            try
            {
                if (!_csv.Read())
                {
                    return false;
                }
            }
            catch (MaxFieldSizeException e)
            {
                throw new BadTableException(
                    $"{_path}: a cell that ends after line {_csv.RawRow:N0} has more than {MaxCellLength:N0} characters: is its quote closed?",
                    e
                );
            }

            if (_text.HasQuotes)
            {
                CheckQuotes();
            }

            return true;
        }

        public void Dispose()
        {
            _csv.Dispose();
            _text.Dispose();
        }

        /// <summary>The parser looks at a cell when it is asked for it; any may hide lines.</summary>
        private void CheckQuotes()
        {
            for (var k = 0; k < _csv.Count; k++)
            {
                _ = _csv[k];
            }

            if (_misquoted is null)
            {
                return;
            }

            var record = _csv.RawRecord.AsSpan();
            var isClosed = _misquoted.AsSpan().Count(_csv.Configuration.Quote) % 2 == 0;
            Bad = BadCell.WholeRow(
                File,
                // The file's last line break is the cell's, where nothing closed it, and else the record's.
                _csv.RawRow - Breaks(record.EndsWith(_misquoted) ? record : record.TrimEnd("\r\n")),
                isClosed
                    ? "has text beside a quoted cell; a quote inside of one is written twice"
                    : "opens a quote that is never closed"
            );
            if (!isClosed || Breaks(_misquoted) > 0)
            {
                throw new BadTableException($"{Bad}");
            }
        }

        private static int Breaks(ReadOnlySpan<char> text) => text.Count('\n') + text.Count('\r') - text.Count("\r\n");
    }

    /// <summary>Most files have no quote at all, and then nothing has to be looked at twice.</summary>
    private sealed class QuoteWatch(StreamReader text, char quote) : TextReader
    {
        public bool HasQuotes { get; private set; }

        public override int Read(char[] buffer, int index, int count)
        {
            var read = text.Read(buffer, index, count);
            HasQuotes |= quote != '\0' && buffer.AsSpan(index, read).Contains(quote);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                text.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
