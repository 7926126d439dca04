using System.Text.RegularExpressions;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Prometheus metric names, with optional labels.</summary>
public static partial class MetricNames
{
    public const int MaxLength = 256;

    public const string Rule =
        "must be 1 to 256 characters of the form name or name{label=\"value\",...}, as Prometheus has it; in a value \", \\ and "
        + "a new line are written \\\", \\\\ and \\n";

    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && Form().IsMatch(name);

    /// <summary>A name, or one with <c>*</c> in it for any text.</summary>
    public static bool IsPattern(string text) =>
        IsValid(text)
        || (
            text.Length is > 0 and <= MaxLength
            && text.Contains('*', StringComparison.Ordinal)
            && (char.IsAsciiLetter(text[0]) || text[0] is '_' or ':')
        );

    [GeneratedRegex(
        """^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*\})?\z""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 100
    )]
    private static partial Regex Form();
}
