namespace RalmActors.Trainer.Data;

/// <summary>One cell that breaks a rule.</summary>
/// <param name="Line">As an editor counts: the header is line 1.</param>
public sealed record BadCell(string File, long Line, string Column, string Value, string Rule)
{
    public override string ToString() => $"{File} line {Line:N0} column {Column}: \"{Value}\" {Rule}";
}

/// <summary>Tables that cannot be used. Nothing was written.</summary>
public sealed class BadTableException : Exception
{
    public BadTableException(string message)
        : base(message) { }

    public BadTableException(string message, Exception inner)
        : base(message, inner) { }

    public BadTableException() { }

    public BadTableException(BadCell cell)
        : base(cell.ToString()) { }
}
