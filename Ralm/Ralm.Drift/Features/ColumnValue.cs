using System.Runtime.InteropServices;

namespace Ralm.Drift.Features;

/// <summary>What one row says of one column: a number, a text, or nothing.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ColumnValue
{
    private ColumnValue(double number, string? text) => (Number, Text) = (number, text);

    public static ColumnValue Missing { get; } = new(double.NaN, null);

    /// <summary>NaN where there is none.</summary>
    public double Number { get; }

    public string? Text { get; }

    /// <param name="number">Missing, if it is no finite number.</param>
    public static ColumnValue Of(double number) => new(number, null);

    /// <param name="text">Missing, if null.</param>
    public static ColumnValue Of(string? text) => new(double.NaN, text);
}
