namespace Ralm.Datasets.Preparation;

/// <summary>One cell that breaks a rule.</summary>
/// <param name="Line">As an editor counts: the header is line 1.</param>
/// <param name="Column">Empty where the row as a whole cannot be read.</param>
public sealed record BadCell(string File, long Line, string Column, string Value, string Rule)
{
    public static BadCell WholeRow(string file, long line, string rule) => new(file, line, "", "", rule);

    public override string ToString() =>
        Column.Length == 0
            ? $"{File} line {Line:N0} {Rule}"
            : $"{File} line {Line:N0} column {Column}: \"{Shown}\" {Rule}";

    /// <summary>A terminal obeys control characters.</summary>
    private string Shown =>
        Value.Any(char.IsControl)
            ? string.Concat(Value.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"))
            : Value;
}

/// <summary>Tables that cannot be used. No dataset was written.</summary>
public sealed class BadTableException : Exception
{
    public BadTableException(string message)
        : base(message) { }

    public BadTableException(string message, Exception inner)
        : base(message, inner) { }

    public BadTableException() { }

    public BadTableException(BadCell cell)
        : base(cell.ToString()) => Cell = cell;

    /// <summary>Null where the trouble is no single cell: the rows after it cannot be read either.</summary>
    public BadCell? Cell { get; }
}
