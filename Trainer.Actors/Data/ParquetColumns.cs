using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>
/// Parquet columns as the text that a CSV cell would hold; null is the empty text. Numbers become text when they are asked
/// for, so that a row group of a million rows costs its numbers alone.
/// </summary>
internal static class ParquetColumns
{
    /// <returns>The cell of a row of the group.</returns>
    /// <exception cref="BadTableException">A column of a type that no feature has.</exception>
    public static Func<int, string> Read(ParquetRowGroupReader group, DataField field, CancellationToken ct)
    {
        var type = field.ClrType;
        return type == typeof(string) || type == typeof(ReadOnlyMemory<char>) ? Texts(group, field, ct)
            : type == typeof(double) ? Values<double>(group, field, ct)
            : type == typeof(float) ? Values<float>(group, field, ct)
            : type == typeof(int) ? Values<int>(group, field, ct)
            : type == typeof(long) ? Values<long>(group, field, ct)
            : type == typeof(bool) ? Values<bool>(group, field, ct)
            : type == typeof(DateTime) ? Values<DateTime>(group, field, ct)
            : throw new BadTableException($"column {field.Name}: {type.Name} is neither text, a number nor a time");
    }

    private static Func<int, string> Texts(ParquetRowGroupReader group, DataField field, CancellationToken ct)
    {
        var cells = new string?[group.RowCount];
        Wait(group.ReadAsync(field, cells.AsMemory(), cancellationToken: ct));
        // A key that comes a hundred times is one string.
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var row = 0; row < cells.Length; row++)
        {
            var cell = cells[row] ?? "";
            if (!known.TryGetValue(cell, out cells[row]))
            {
                known.Add(cell, cells[row] = cell);
            }
        }

        return row => cells[row]!;
    }

    private static Func<int, string> Values<T>(ParquetRowGroupReader group, DataField field, CancellationToken ct)
        where T : struct
    {
        if (field.IsNullable)
        {
            var optional = new T?[group.RowCount];
            Wait(group.ReadAsync<T>(field, optional.AsMemory(), cancellationToken: ct));
            return row => optional[row] is { } value ? Text(value) : "";
        }

        var values = new T[group.RowCount];
        Wait(group.ReadAsync<T>(field, values.AsMemory(), cancellationToken: ct));
        return row => Text(values[row]);
    }

    private static string Text<T>(T value)
        where T : struct =>
        value switch
        {
            bool truth => truth ? "1" : "0",
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static void Wait(ValueTask read) => read.AsTask().GetAwaiter().GetResult();
}
