using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Domain.Alerts;
using YamlDotNet.RepresentationModel;

namespace RalmActors.ClusterHost.RuleTests;

/// <summary>Rules, and what they should say of series that are given. YAML; JSON is YAML too.</summary>
/// <param name="Interval">Between two samplings.</param>
public sealed partial record RuleTestFile(
    ImmutableArray<ThresholdRule> Rules,
    TimeSpan Interval,
    ImmutableArray<RuleTest> Tests
)
{
    /// <summary>In the place of rules: those that a node has before anybody has said anything.</summary>
    public const string Default = "default";

    /// <exception cref="FormatException">Says what is wrong, and where.</exception>
    public static RuleTestFile Read(string text)
    {
        var root = Parse(text);
        Known(root, "the file", "rules", "interval", "tests");
        var tests = List(root, "tests", "the file");
        var rules = RulesOf(root["rules"]);
        return ThresholdRules.Check(rules)?.Rejection is { } bad
            ? throw new FormatException($"{bad.Field} '{bad.Value}' {bad.Rule}")
            : new RuleTestFile(
                rules,
                root["interval"] is { } interval ? Duration(interval, "interval") : TimeSpan.FromSeconds(30),
                [.. tests.Select((test, i) => TestOf(test, $"tests[{i}]"))]
            );
    }

    private static JsonObject Parse(string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }

        return yaml.Documents is [{ RootNode: YamlMappingNode root }]
            ? (JsonObject)Json(root)
            : throw new FormatException("must be one mapping with rules and tests");
    }

    /// <summary>All that is written is text; whoever reads it knows what it should be.</summary>
    private static JsonNode Json(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(c => KeyValuePair.Create($"{c.Key}", (JsonNode?)Json(c.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
            _ => JsonValue.Create($"{node}"),
        };

    private static ImmutableArray<ThresholdRule> RulesOf(JsonNode? rules)
    {
        if (rules is JsonValue value && $"{value}" == Default)
        {
            return NodeRules.Default;
        }

        if (rules is not JsonArray list)
        {
            throw new FormatException($"rules must be a list, or {Default}");
        }

        try
        {
            return [.. list.Select(rule => JsonParser.Default.Parse<ThresholdRule>(rule!.ToJsonString()))];
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"rules: {e.Message}", e);
        }
    }

    private static RuleTest TestOf(JsonNode? node, string where)
    {
        if (node is not JsonObject test)
        {
            throw new FormatException($"{where} must be a mapping");
        }

        Known(test, where, "name", "series", "expect");
        if (test["series"] is not JsonObject series)
        {
            throw new FormatException($"{where}.series must name metrics and their values");
        }

        return new RuleTest(
            test["name"] is { } name ? $"{name}" : where,
            series.ToImmutableSortedDictionary(
                s => s.Key,
                s => Values($"{s.Value}", $"{where}.series.{s.Key}"),
                StringComparer.Ordinal
            ),
            [.. List(test, "expect", where).Select((e, i) => ExpectationOf(e, $"{where}.expect[{i}]"))]
        );
    }

    private static Expectation ExpectationOf(JsonNode? node, string where)
    {
        if (node is not JsonObject expected || expected["at"] is not { } at)
        {
            throw new FormatException($"{where} must be a mapping with at");
        }

        string[] statuses = ["firing", "pending", "no_data", "resolved"];
        Known(expected, where, ["at", .. statuses]);
        return new Expectation(
            Duration(at, $"{where}.at"),
            statuses
                .Where(expected.ContainsKey)
                .ToImmutableDictionary(
                    s => Enum.Parse<AlertStatus>(s.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                    s => List(expected, s, where).Select(id => $"{id}").ToImmutableSortedSet(StringComparer.Ordinal)
                )
        );
    }

    private static IReadOnlyList<double?> Values(string text, string where)
    {
        try
        {
            return SeriesNotation.Read(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{where}: {e.Message}", e);
        }
    }

    private static JsonArray List(JsonObject parent, string key, string where) =>
        parent[key] as JsonArray ?? throw new FormatException($"{where} must have a list {key}");

    private static void Known(JsonObject node, string where, params IEnumerable<string> keys)
    {
        if (node.Select(n => n.Key).Except(keys, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new FormatException($"{where} has '{unknown}'; it may have {string.Join(", ", keys)}");
        }
    }

    /// <summary>As Prometheus writes it: 90s, 1h30m; a number alone is of seconds.</summary>
    private static TimeSpan Duration(JsonNode node, string where)
    {
        var match = Words().Match($"{node}");
        return match.Success
            ? TimeSpan.FromSeconds((86_400 * Part("d")) + (3_600 * Part("h")) + (60 * Part("m")) + Part("s"))
            : throw new FormatException($"{where} '{node}' must be a time like 90s, 5m or 1h30m");

        double Part(string unit) =>
            match.Groups[unit] is { Success: true } part ? double.Parse(part.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(
        @"^(?=\d)((?<d>\d+)d)?((?<h>\d+)h)?((?<m>\d+)m)?((?<s>\d+)s?)?$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Words();
}

/// <param name="Series">By metric: a value each interval, null where it is not told.</param>
public sealed record RuleTest(
    string Name,
    ImmutableSortedDictionary<string, IReadOnlyList<double?>> Series,
    ImmutableArray<Expectation> Expected
);

/// <param name="At">Since the first sampling.</param>
/// <param name="Rules">Of each status that is named, all rules that have it then.</param>
public sealed record Expectation(TimeSpan At, ImmutableDictionary<AlertStatus, ImmutableSortedSet<string>> Rules);
