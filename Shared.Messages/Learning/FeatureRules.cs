using System.Globalization;
using Google.Protobuf.Collections;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Learning;

/// <summary>
/// Raw features: named, each with one value, every number within bounds, positions on the globe. The same rules wherever
/// features come in: tables, profiles, interactions, scores and their reasons.
/// </summary>
public static class FeatureRules
{
    public const int MaxFeatures = 256;
    public const int MaxTextLength = 4_096;

    /// <summary>Values of one feature; of visits each mention is one.</summary>
    public const int MaxTexts = 16_384;

    /// <summary>Up to here every two names are compared; more are looked up.</summary>
    private const int FewFeatures = 16;

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
            return Rejections.Invalid(side, $"{features.Items.Count} features", $"must be at most {MaxFeatures}");
        }

        var names = features.Items.Count > FewFeatures ? new HashSet<string>(StringComparer.Ordinal) : null;
        for (var i = 0; i < features.Items.Count; i++)
        {
            var feature = features.Items[i];
            var bad =
                !IsName(feature.Name) ? CheckName(NameField(side, i), feature.Name)
                : !(names?.Add(feature.Name) ?? IsNew(features.Items, i))
                    ? Invalid(NameField(side, i), feature.Name, "must not come twice")
                : CheckValue(side, feature, isJournaled);
            if (bad is not null)
            {
                return bad;
            }
        }

        return null;
    }

    private static bool IsNew(RepeatedField<Feature> items, int at)
    {
        for (var i = 0; i < at; i++)
        {
            if (items[i].Name == items[at].Name)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="field">Where the name stands.</param>
    public static Rejection? CheckName(string field, string name) =>
        IsName(name) ? null : Invalid(field, name, $"must be 1 to {Ids.MaxLength} characters, no control characters");

    private static bool IsName(string name) =>
        name.Length is > 0 and <= Ids.MaxLength && !name.AsSpan().ContainsAnyInRange('\0', '\u001f');

    /// <summary>Made only for a refusal: twenty features an interaction are checked on its way in.</summary>
    private static string NameField(string side, int i) => $"{side}.items[{i}].name";

    private static Rejection? CheckValue(string side, Feature feature, bool isJournaled) =>
        feature.ValueCase switch
        {
            Feature.ValueOneofCase.Number => CheckNumber(side, feature, isJournaled ? double.MaxValue : MaxNumber),
            Feature.ValueOneofCase.Text => CheckText(side, feature, feature.Text),
            Feature.ValueOneofCase.Texts => CheckTexts(side, feature),
            Feature.ValueOneofCase.Position => CheckPosition(side, feature, isJournaled),
            _ => Invalid($"{side}.{feature.Name}", "", "must have a value"),
        };

    private static Rejection? CheckNumber(string side, Feature feature, double max) =>
        Math.Abs(feature.Number) <= max
            ? null
            : Invalid(
                $"{side}.{feature.Name}",
                Text(feature.Number),
                string.Create(CultureInfo.InvariantCulture, $"must be a number from -{max:N0} to {max:N0}")
            );

    private static Rejection? CheckText(string side, Feature feature, string text) =>
        text.Length <= MaxTextLength
            ? null
            : Invalid($"{side}.{feature.Name}", $"{text[..32]}...", $"must be at most {MaxTextLength:N0} characters");

    private static Rejection? CheckTexts(string side, Feature feature)
    {
        var texts = feature.Texts.Values;
        if (texts.Count > MaxTexts)
        {
            return Invalid($"{side}.{feature.Name}", $"{texts.Count} values", $"must be at most {MaxTexts:N0} values");
        }

        foreach (var text in texts)
        {
            if (CheckText(side, feature, text) is { } bad)
            {
                return bad;
            }
        }

        return null;
    }

    private static Rejection? CheckPosition(string side, Feature feature, bool isJournaled)
    {
        var p = feature.Position;
        return !p.HasLatitude && !isJournaled ? Bad("latitude", "", "must be set")
            : !p.HasLongitude && !isJournaled ? Bad("longitude", "", "must be set")
            : p.Latitude is not (>= -90 and <= 90) ? Bad("latitude", Text(p.Latitude), "must be -90 to 90")
            : p.Longitude is not (>= -180 and <= 180) ? Bad("longitude", Text(p.Longitude), "must be -180 to 180")
            : null;

        Rejection Bad(string part, string value, string rule) =>
            Rejections.Invalid($"{side}.{feature.Name}.{part}", value, rule);
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static Rejection Invalid(string field, string value, string rule) => Rejections.Invalid(field, value, rule);
}
