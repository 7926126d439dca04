using System.Globalization;
using System.Numerics;
using System.Text;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// Parquet, one row group at a time: scalars of every type as the text that a CSV cell would hold, lists of them as lists,
/// null as the empty text. Values become text when they are asked for, so that a row group of a million rows costs its
/// numbers alone. Structures and maps are passed over unless they are wanted.
/// </summary>
internal static class ParquetTable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static IReadOnlyList<string> Columns(string path, CancellationToken ct)
    {
        using var stream = File.OpenRead(path);
        var reader = Wait(ParquetReader.CreateAsync(stream, cancellationToken: ct));
        try
        {
            return [.. reader.Schema.Fields.Where(f => DataOf(f) is not null).Select(f => f.Name)];
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    public static IEnumerable<ITableRow> Read(string path, IReadOnlyList<string> wanted, CancellationToken ct)
    {
        using var stream = File.OpenRead(path);
        var reader = Wait(ParquetReader.CreateAsync(stream, cancellationToken: ct));
        try
        {
            var header = reader.Schema.Fields.Select(f => f.Name).ToList();
            var fields = wanted
                .Select(c => Wanted(path, reader.Schema.Fields[TableReader.Place(path, header, c)]))
                .ToArray();
            var row = new Row();
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                row.Columns = [.. fields.Select(f => Read(group, f, ct))];
                for (row.At = 0; row.At < group.RowCount; row.At++)
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

    private static DataField Wanted(string path, Field field) =>
        DataOf(field)
        ?? throw new BadTableException(
            $"{path}: column \"{field.Name}\" is a {field.SchemaType.ToString().ToLowerInvariant()}; text, numbers, truth values, times and lists of these are read"
        );

    /// <summary>Null for what has more to it than values and lists of values.</summary>
    private static DataField? DataOf(Field field) =>
        field switch
        {
            DataField data => data,
            ListField { Item: DataField item } => item,
            _ => null,
        };

    private static Column Read(ParquetRowGroupReader group, DataField field, CancellationToken ct)
    {
        using var raw = Wait(group.ReadRawColumnDataBaseAsync(field, ct));
        try
        {
            return new Column(group.RowCount, field, raw, TextOf(raw, field));
        }
        catch (DecoderFallbackException e)
        {
            throw new BadTableException($"column {field.Path}: bytes that are no UTF-8 text", e);
        }
    }

    private static Func<int, string> TextOf(RawColumnData raw, DataField field) =>
        raw switch
        {
            RawColumnData<ReadOnlyMemory<char>> c => Texts(c.Values, v => new string(v.Span)),
            RawColumnData<ReadOnlyMemory<byte>> c => Texts(c.Values, v => StrictUtf8.GetString(v.Span)),
            RawColumnData<bool> c => Values(c.Values, v => v ? "true" : "false"),
            RawColumnData<DateTime> c => Values(c.Values, v => v.ToString("O", CultureInfo.InvariantCulture)),
            RawColumnData<long> c when field is TimeDataField time => Values(c.Values, v => TimeOfDay(v, time)),
            RawColumnData<int> c when field is TimeDataField time => Values(c.Values, v => TimeOfDay(v, time)),
            RawColumnData<sbyte> c => Numbers(c.Values),
            RawColumnData<byte> c => Numbers(c.Values),
            RawColumnData<short> c => Numbers(c.Values),
            RawColumnData<ushort> c => Numbers(c.Values),
            RawColumnData<int> c => Numbers(c.Values),
            RawColumnData<uint> c => Numbers(c.Values),
            RawColumnData<long> c => Numbers(c.Values),
            RawColumnData<ulong> c => Numbers(c.Values),
            RawColumnData<float> c => Numbers(c.Values),
            RawColumnData<double> c => Numbers(c.Values),
            RawColumnData<decimal> c => Numbers(c.Values),
            RawColumnData<BigDecimal> c => Values(c.Values, v => $"{v}"),
            RawColumnData<Guid> c => Values(c.Values, v => v.ToString("D")),
            _ => throw new BadTableException(
                $"column {field.Path}: {field.ClrType.Name} is neither text, a number nor a time"
            ),
        };

    /// <summary>A key that comes a hundred times is one string.</summary>
    private static Func<int, string> Texts<T>(Span<T> values, Func<T, string> text)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var texts = new string[values.Length];
        for (var k = 0; k < texts.Length; k++)
        {
            var value = text(values[k]);
            if (!known.TryGetValue(value, out texts[k]!))
            {
                known.Add(value, texts[k] = value);
            }
        }

        return k => texts[k];
    }

    private static Func<int, string> Numbers<T>(Span<T> values)
        where T : IFormattable => Values(values, v => v.ToString(null, CultureInfo.InvariantCulture));

    private static Func<int, string> Values<T>(Span<T> values, Func<T, string> text)
    {
        var kept = values.ToArray();
        return k => text(kept[k]);
    }

    /// <summary>What is past midnight stays the number that it is, and is refused where a time is wanted.</summary>
    private static string TimeOfDay(long value, TimeDataField field)
    {
        var ticks = field.Precision switch
        {
            TimeUnitPrecision.Millis => value * (Int128)TimeSpan.TicksPerMillisecond,
            TimeUnitPrecision.Micros => value * (Int128)TimeSpan.TicksPerMicrosecond,
            _ => value / TimeSpan.NanosecondsPerTick,
        };
        return ticks >= 0 && ticks < TimeSpan.TicksPerDay
            ? new TimeOnly((long)ticks).ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
            : value.ToString(CultureInfo.InvariantCulture);
    }

    private static T Wait<T>(Task<T> read) => read.GetAwaiter().GetResult();

    private static T Wait<T>(ValueTask<T> read) => read.AsTask().GetAwaiter().GetResult();

    /// <summary>
    /// Where each row's values stand among those that are there, by Dremel's levels (Melnik et al., 2010): a repetition of 0
    /// begins a row, and a definition below the greatest is a value that is not there.
    /// </summary>
    private sealed class Column
    {
        private readonly bool _isList;
        private readonly Func<int, string> _text;

        /// <summary>Of each row's first value.</summary>
        private readonly int[] _first;
        private readonly bool[]? _isNull;

        public Column(long rows, DataField field, RawColumnData raw, Func<int, string> text)
        {
            _isList = field.MaxRepetitionLevel > 0;
            _text = text;
            _first = new int[rows + 1];
            var defined = field.MaxDefinitionLevel > 0 ? raw.DefinitionLevels : default;
            var repeated = field.MaxRepetitionLevel > 0 ? raw.RepetitionLevels : default;
            if (defined.IsEmpty && repeated.IsEmpty)
            {
                for (var k = 0; k <= rows; k++)
                {
                    _first[k] = k;
                }

                return;
            }

            _isNull = new bool[rows];
            // Of a list, that it is there at all; what it holds comes below it.
            var needed = field.MaxDefinitionLevel - (_isList ? 1 + (field.IsNullable ? 1 : 0) : 0);
            var (row, value) = (-1, 0);
            for (var k = 0; k < Math.Max(defined.Length, repeated.Length); k++)
            {
                if (repeated.IsEmpty || repeated[k] == 0)
                {
                    _first[++row] = value;
                    _isNull[row] = !defined.IsEmpty && defined[k] < needed;
                }

                value += defined.IsEmpty || defined[k] == field.MaxDefinitionLevel ? 1 : 0;
            }

            _first[rows] = value;
        }

        public string this[int row] =>
            _isNull?[row] == true ? ""
            : _isList ? $"[{string.Join(", ", List(row)!)}]"
            : _text(_first[row]);

        public IReadOnlyList<string>? List(int row) =>
            _isList && _isNull?[row] != true
                ? [.. Enumerable.Range(_first[row], _first[row + 1] - _first[row]).Select(_text)]
                : null;
    }

    private sealed class Row : ITableRow
    {
        public Column[] Columns { get; set; } = [];

        public int At { get; set; }

        public long Line { get; set; } = 1;

        public string this[int wanted] => Columns[wanted][At];

        public IReadOnlyList<string>? List(int wanted) => Columns[wanted].List(At);
    }
}
