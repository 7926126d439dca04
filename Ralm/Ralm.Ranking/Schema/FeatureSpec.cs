using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>One feature of a schema: fitted once, on training rows only, and never changed.</summary>
/// <param name="Mean">Number: one mean (or smallest value); Position: latitude's and longitude's. Else empty.</param>
/// <param name="Scale">One over the standard deviation (or range), as many as means.</param>
/// <param name="Vocabulary">Category, Tags and Latent: known values, most frequent first.</param>
public sealed record FeatureSpec(
    string Name,
    FeatureKind Kind,
    ImmutableArray<double> Mean,
    ImmutableArray<double> Scale,
    ImmutableArray<string> Vocabulary
)
{
    private readonly FrozenDictionary<string, int> _index = Vocabulary
        .Select((value, place) => KeyValuePair.Create(value, place))
        .ToFrozenDictionary(StringComparer.Ordinal);

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Scaling Scaling { get; init; }

    /// <summary>Quantile scaling: training values at equal ranks, rising.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<double> Knots { get; init; }

    /// <summary>Hashed, Tokens and Id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Buckets { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LatentSpace? Latent { get; init; }

    public int Width =>
        Kind switch
        {
            FeatureKind.Number => 2,
            FeatureKind.Position => 3,
            FeatureKind.Hashed or FeatureKind.Tokens or FeatureKind.Id => Buckets + 1,
            FeatureKind.Time => HourOfWeek.Width + 1,
            FeatureKind.Latent => Latent!.Dimensions + 1,
            FeatureKind.Bag => 0,
            _ => Vocabulary.Length + 2,
        };

    /// <summary>Writes <see cref="Width"/> numbers; null is missing.</summary>
    /// <exception cref="FeatureException">The value is of another kind than the schema was fitted on, or a time of no century of ours.</exception>
    public void Encode(Feature? feature, Span<float> target)
    {
        target.Clear();
        switch (Kind, feature?.ValueCase ?? Feature.ValueOneofCase.None)
        {
            case (FeatureKind.Bag, Feature.ValueOneofCase.None or Feature.ValueOneofCase.Texts):
                break;
            case (_, Feature.ValueOneofCase.None):
                target[^1] = 1;
                break;
            case (FeatureKind.Number, Feature.ValueOneofCase.Number):
                target[0] = Scaled(feature!.Number);
                break;
            case (FeatureKind.Category, Feature.ValueOneofCase.Text):
                target[_index.GetValueOrDefault(feature!.Text, Vocabulary.Length)] = 1;
                break;
            case (FeatureKind.Tags, Feature.ValueOneofCase.Texts):
                Share(feature!.Texts.Values, target, tag => _index.GetValueOrDefault(tag, Vocabulary.Length));
                break;
            case (FeatureKind.Position, Feature.ValueOneofCase.Position):
                target[0] = Standard(feature!.Position.Latitude, 0);
                target[1] = Standard(feature.Position.Longitude, 1);
                break;
            case (FeatureKind.Hashed or FeatureKind.Id, Feature.ValueOneofCase.Text):
                target[Hashing.Bucket(feature!.Text, Buckets)] = 1;
                break;
            case (FeatureKind.Tokens, Feature.ValueOneofCase.Text):
                Share(Hashing.Words(feature!.Text), target, word => Hashing.Bucket(word, Buckets));
                break;
            case (FeatureKind.Time, Feature.ValueOneofCase.Number):
                HourOfWeek.Encode(Moment(feature!.Number), target);
                break;
            case (FeatureKind.Latent, Feature.ValueOneofCase.Texts):
                Latent!.Encode(Bags.Count(feature!.Texts), _index, target);
                break;
            default:
                throw new FeatureException($"is a {feature!.ValueCase}, and the model's schema has a {Kind}")
                {
                    Field = Name,
                    Value = feature.ValueCase switch
                    {
                        Feature.ValueOneofCase.Text => feature.Text,
                        Feature.ValueOneofCase.Number => feature.Number.ToString(CultureInfo.InvariantCulture),
                        _ => "",
                    },
                };
        }
    }

    private double Moment(double seconds) =>
        seconds is >= HourOfWeek.Earliest and < HourOfWeek.Latest
            ? seconds
            : throw new FeatureException("must be seconds since 1970, from 1900 to 2099")
            {
                Field = Name,
                Value = seconds.ToString(CultureInfo.InvariantCulture),
            };

    private static void Share(IReadOnlyCollection<string> values, Span<float> target, Func<string, int> place)
    {
        if (values.Count == 0)
        {
            return;
        }

        var share = 1f / values.Count;
        foreach (var value in values)
        {
            target[place(value)] += share;
        }
    }

    private float Scaled(double value) =>
        Scaling switch
        {
            Scaling.MinMax => (float)Math.Clamp((value - Mean[0]) * Scale[0], 0, 1),
            Scaling.Quantile => Quantiles.Rank(Knots, value),
            _ => Standard(value, 0),
        };

    /// <summary>Clipped at ten standard deviations: one absurd value must not decide a score.</summary>
    private float Standard(double value, int axis) => (float)Math.Clamp((value - Mean[axis]) * Scale[axis], -10, 10);
}
