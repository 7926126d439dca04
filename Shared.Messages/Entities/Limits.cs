namespace RalmActors.Messages.Entities;

/// <summary>The one way a rule about a field is said: <c>null</c> where it holds, else what names field, value and rule.</summary>
public static class Limits
{
    public static Rejection? Must(bool holds, string field, object? value, string rule) =>
        holds ? null : Rejections.Invalid(field, value, rule);

    /// <param name="least">Smallest value allowed.</param>
    /// <param name="most">Largest value allowed.</param>
    /// <param name="zero">What 0 stands for, where it is <paramref name="least"/> and no number like the others.</param>
    public static Rejection? Within(string field, int value, int least, int most, string? zero = null) =>
        Must(
            value >= least && value <= most,
            field,
            value,
            zero is null ? $"must be {least:N0} to {most:N0}" : $"must be {least:N0} ({zero}) to {most:N0}"
        );
}
