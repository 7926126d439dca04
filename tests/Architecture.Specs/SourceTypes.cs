using System.Text.RegularExpressions;

namespace RalmActors.Architecture.Specs;

/// <summary>Outermost types as a source file, or a .proto, declares them.</summary>
internal static partial class SourceTypes
{
    /// <summary>Each with its namespace, and how many lines of the text are its own: up to the next one.</summary>
    public static IEnumerable<(string Namespace, string Type, int Lines)> Of(string text)
    {
        var ns = Namespace().Match(text).Groups["name"].Value;
        Match[] types = [.. Declaration().Matches(text).Cast<Match>()];
        for (var k = 0; k < types.Length; k++)
        {
            var from = k == 0 ? 0 : types[k].Index;
            var to = k + 1 < types.Length ? types[k + 1].Index : text.Length;
            yield return (ns, types[k].Groups["name"].Value, text.AsSpan(from, to - from).Count('\n'));
        }
    }

    [GeneratedRegex(
        "^(namespace|option csharp_namespace =) \"?(?<name>[\\w.]+)\"?;",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^[a-z ]*\b(class|struct|interface|enum|message|record( struct| class)?) (?<name>[A-Z]\w*)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Declaration();
}
