using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ralm.Datasets.Descriptions;

/// <summary>Why a description cannot be read, in the words of whoever wrote it: the reader's own name types of a program.</summary>
public static partial class JsonFault
{
    private const int PatienceMs = 1_000;

    public static string Of(JsonException e) =>
        e is UnknownChoiceException ? $"{e.Path} {e.Message}"
        : Missing().Match(e.Message) is { Success: true } missing ? $"{e.Path ?? "$"} must have {Keys(missing)}"
        : Duplicate().Match(e.Message) is { Success: true } twice
            ? $"{Owner(e.Path, twice.Groups["it"].Value)}.{twice.Groups["it"]} comes twice"
        : e.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"{e.Path} is not a key of a description; docs/datasets.md lists them"
        : Kind().Match(e.Message) is { Success: true } kind ? $"{e.Path} must be {Word(kind.Groups["it"].Value)}"
        : e.Message.Contains("null", StringComparison.Ordinal)
            ? $"{e.Path} must not be null: leave it out for the default"
        : Place(e);

    private static string Keys(Match missing) => missing.Groups["it"].Value.Replace("'", "", StringComparison.Ordinal);

    /// <summary>The path may end with the name itself.</summary>
    private static string Owner(string? path, string name) =>
        path is null ? "$"
        : path.EndsWith($".{name}", StringComparison.Ordinal) ? path[..^(name.Length + 1)]
        : path;

    private static string Word(string type) =>
        type switch
        {
            "System.String" => "a text",
            "System.Double" or "System.Single" => "a number",
            "System.Boolean" => "true or false",
            _ when type.StartsWith("System.Int", StringComparison.Ordinal) => "a whole number",
            _ when type.StartsWith("System.Nullable`1[System.Int", StringComparison.Ordinal) => "a whole number",
            _ when type.StartsWith("System.UInt", StringComparison.Ordinal) => "a whole number of at least 0",
            _ when type.Contains("ImmutableArray", StringComparison.Ordinal) => "a list of texts",
            _ => "an object, in braces",
        };

    private static string Place(JsonException e) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {Syntax(e)}"
        );

    /// <summary>Without the reader's own place and its options, which are nobody's business.</summary>
    public static string Syntax(JsonException e)
    {
        var said = e.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0];
        return said.Contains("trailing comma", StringComparison.Ordinal) ? "a comma before the closing bracket"
            : said.Contains("Expected depth to be zero", StringComparison.Ordinal) ? "it breaks off"
            : said;
    }

    [GeneratedRegex("missing required properties including: (?<it>.*?)\\.?$", RegexOptions.ExplicitCapture, PatienceMs)]
    private static partial Regex Missing();

    [GeneratedRegex("^Duplicate property '(?<it>.*?)'", RegexOptions.ExplicitCapture, PatienceMs)]
    private static partial Regex Duplicate();

    [GeneratedRegex(@"could not be converted to (?<it>\S+?)\. Path", RegexOptions.ExplicitCapture, PatienceMs)]
    private static partial Regex Kind();
}
