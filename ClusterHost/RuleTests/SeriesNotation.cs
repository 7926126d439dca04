using System.Globalization;
using System.Text.RegularExpressions;

namespace RalmActors.ClusterHost.RuleTests;

/// <summary>
/// The values of a series, one an interval, in promtool's notation: <c>5 _ NaN</c> are a value, nothing, and no number;
/// <c>1+2x3</c> is 1 3 5 7, <c>9-2x2</c> is 9 7 5, <c>4x3</c> is 4 4 4 4, <c>_x3</c> is three times nothing.
/// </summary>
public static partial class SeriesNotation
{
    private const int MaxValues = 100_000;

    /// <summary>Null: nothing was told.</summary>
    /// <exception cref="FormatException">Says which word it is.</exception>
    public static IReadOnlyList<double?> Read(string text)
    {
        var values = new List<double?>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Word().Match(word);
            if (!match.Success)
            {
                throw new FormatException($"'{word}' must be a number, _, A+BxN, A-BxN, AxN or _xN");
            }

            Add(values, match);
            if (values.Count > MaxValues)
            {
                throw new FormatException($"'{word}' makes more than {MaxValues:N0} values");
            }
        }

        return values;
    }

    private static void Add(List<double?> values, Match match)
    {
        var times = match.Groups["times"] is { Success: true } n ? Math.Min(Whole(n.Value), MaxValues + 1) : 0;
        if (match.Groups["none"].Success)
        {
            values.AddRange(Enumerable.Repeat<double?>(null, Math.Max(1, times)));
            return;
        }

        var first = Number(match.Groups["first"].Value);
        var step = match.Groups["step"] is { Success: true } by ? Number(by.Value) : 0;
        values.AddRange(Enumerable.Range(0, times + 1).Select(i => (double?)(first + (step * i))));
    }

    private static int Whole(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue;

    private static double Number(string text) =>
        text.TrimStart('+') switch
        {
            "Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var number => double.Parse(number, CultureInfo.InvariantCulture),
        };

    [GeneratedRegex(
        @"^((?<none>_)(x(?<times>\d+))?|(?<first>[-+]?(\d+(\.\d+)?([eE][-+]?\d+)?|Inf)|NaN)((?<step>[-+]\d+(\.\d+)?)?x(?<times>\d+))?)$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Word();
}
