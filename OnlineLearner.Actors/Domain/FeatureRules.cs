using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>Raw features: named, each with one value, every number within bounds, positions on the globe.</summary>
internal static class FeatureRules
{
    public const int MaxFeatures = 256;
    public const int MaxTextLength = 256;
    public const int MaxTexts = 256;

    /// <summary>In size, 2 to the power of 53: beyond it a number is not exact to the unit, and no measure of people.</summary>
    public const double MaxNumber = 9_007_199_254_740_992;

    /// <param name="isJournaled">
    /// Was accepted before, and is passed on as it is: there was no bound then, and older journals did not write a zero.
    /// </param>
    public static Rejection? Check(string side, Features? features, bool isJournaled = false)
    {
        if (features is null)
        {
            return null;
        }

        if (features.Items.Count > MaxFeatures)
        {
            return Decision
                .Invalid(side, $"{features.Items.Count} features", $"must be at most {MaxFeatures}")
                .Rejection;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < features.Items.Count; i++)
        {
            var feature = features.Items[i];
            var bad =
                CheckName($"{side}.items[{i}].name", feature.Name)
                ?? (
                    names.Add(feature.Name)
                        ? null
                        : Invalid($"{side}.items[{i}].name", feature.Name, "must not come twice")
                )
                ?? CheckValue($"{side}.{feature.Name}", feature, isJournaled);
            if (bad is not null)
            {
                return bad;
            }
        }

        return null;
    }

    private static Rejection? CheckName(string field, string name) =>
        name.Length is > 0 and <= Ids.MaxLength && !name.Any(char.IsControl)
            ? null
            : Invalid(field, name, $"must be 1 to {Ids.MaxLength} characters, no control characters");

    private static Rejection? CheckValue(string field, Feature feature, bool isJournaled) =>
        feature.ValueCase switch
        {
            Feature.ValueOneofCase.Number => CheckNumber(
                field,
                feature.Number,
                isJournaled ? double.MaxValue : MaxNumber
            ),
            Feature.ValueOneofCase.Text => CheckText(field, feature.Text),
            Feature.ValueOneofCase.Texts => CheckTexts(field, feature.Texts),
            Feature.ValueOneofCase.Position => CheckPosition(field, feature.Position, isJournaled),
            _ => Invalid(field, "", "must have a value"),
        };

    private static Rejection? CheckNumber(string field, double value, double max) =>
        Math.Abs(value) <= max ? null : Invalid(field, Text(value), $"must be a number from -{max:N0} to {max:N0}");

    private static Rejection? CheckText(string field, string text) =>
        text.Length <= MaxTextLength
            ? null
            : Invalid(field, $"{text[..32]}...", $"must be at most {MaxTextLength} characters");

    private static Rejection? CheckTexts(string field, TextList texts) =>
        texts.Values.Count > MaxTexts
            ? Invalid(field, $"{texts.Values.Count} values", $"must be at most {MaxTexts} values")
            : texts.Values.Select(text => CheckText(field, text)).FirstOrDefault(bad => bad is not null);

    private static Rejection? CheckPosition(string field, Position p, bool isJournaled) =>
        !p.HasLatitude && !isJournaled ? Invalid($"{field}.latitude", "", "must be set")
        : !p.HasLongitude && !isJournaled ? Invalid($"{field}.longitude", "", "must be set")
        : p.Latitude is not (>= -90 and <= 90) ? Invalid($"{field}.latitude", Text(p.Latitude), "must be -90 to 90")
        : p.Longitude is not (>= -180 and <= 180)
            ? Invalid($"{field}.longitude", Text(p.Longitude), "must be -180 to 180")
        : null;

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static Rejection? Invalid(string field, string value, string rule) =>
        Decision.Invalid(field, value, rule).Rejection;
}
