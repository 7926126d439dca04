using System.Globalization;
using RalmActors.Messages.Learning;

namespace RalmActors.Messages.AbTesting;

/// <summary>Who may take part, by the features a request carries.</summary>
public static class Eligibility
{
    /// <summary>All conditions hold; a feature that is missing holds none.</summary>
    public static bool Holds(IEnumerable<Condition> conditions, Features? user) =>
        conditions.All(condition =>
            user?.Items.FirstOrDefault(f => f.Name == condition.Feature) is { } f && Holds(condition, f)
        );

    /// <summary>Which of a segment's values a user has, the first of several; null: none of them.</summary>
    public static string? ValueOf(Segment segment, Features? user) =>
        user?.Items.FirstOrDefault(f => f.Name == segment.Feature) is { } feature
            ? segment.Values.FirstOrDefault(Written(feature).Contains)
            : null;

    /// <summary>A number is what its shortest digits say.</summary>
    private static IEnumerable<string> Written(Feature feature) =>
        feature.ValueCase == Feature.ValueOneofCase.Number
            ? [feature.Number.ToString(CultureInfo.InvariantCulture)]
            : Texts(feature);

    private static bool Holds(Condition condition, Feature feature) =>
        (condition.AnyOf.Count == 0 || Texts(feature).Any(condition.AnyOf.Contains))
        && (!condition.HasAtLeast || Number(feature) >= condition.AtLeast)
        && (!condition.HasAtMost || Number(feature) <= condition.AtMost);

    private static IEnumerable<string> Texts(Feature feature) =>
        feature.ValueCase switch
        {
            Feature.ValueOneofCase.Text => [feature.Text],
            Feature.ValueOneofCase.Texts => feature.Texts.Values,
            _ => [],
        };

    private static double Number(Feature feature) =>
        feature.ValueCase == Feature.ValueOneofCase.Number ? feature.Number : double.NaN;
}
