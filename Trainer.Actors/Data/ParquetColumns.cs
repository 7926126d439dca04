using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>Parquet columns as the text that a CSV cell would hold; null is the empty text.</summary>
internal static class ParquetColumns
{
    /// <exception cref="BadTableException">A column of a type that no feature has.</exception>
    public static string[] ReadAsText(ParquetRowGroupReader group, DataField field)
    {
        var type = field.ClrType;
        return type == typeof(string) ? Texts(group, field)
            : type == typeof(double) ? Numbers<double>(group, field)
            : type == typeof(float) ? Numbers<float>(group, field)
            : type == typeof(int) ? Numbers<int>(group, field)
            : type == typeof(long) ? Numbers<long>(group, field)
            : type == typeof(bool) ? Numbers<bool>(group, field)
            : throw new BadTableException($"column {field.Name}: {type.Name} is neither text nor a number");
    }

    private static string[] Texts(ParquetRowGroupReader group, DataField field)
    {
        var cells = new string?[group.RowCount];
        Wait(group.ReadAsync(field, cells.AsMemory()));
        return [.. cells.Select(cell => cell ?? "")];
    }

    private static string[] Numbers<T>(ParquetRowGroupReader group, DataField field)
        where T : struct
    {
        if (field.IsNullable)
        {
            var optional = new T?[group.RowCount];
            Wait(group.ReadAsync<T>(field, optional.AsMemory()));
            return [.. optional.Select(v => v is { } value ? Text(value) : "")];
        }

        var values = new T[group.RowCount];
        Wait(group.ReadAsync<T>(field, values.AsMemory()));
        return [.. values.Select(Text)];
    }

    private static string Text<T>(T value)
        where T : struct =>
        value is bool truth ? (truth ? "1" : "0") : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static void Wait(ValueTask read) => read.AsTask().GetAwaiter().GetResult();
}
