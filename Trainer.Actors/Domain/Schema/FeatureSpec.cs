using System.Collections.Frozen;
using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Domain.Schema;

/// <summary>How one raw feature becomes numbers.</summary>
public enum FeatureKind
{
    /// <summary>Standardised, then an indicator that is 1 when it is missing.</summary>
    Number,

    /// <summary>One-hot over the vocabulary, then "other", then "missing".</summary>
    Category,

    /// <summary>Shares over the vocabulary that add up to 1, then the share of unknown tags, then "missing".</summary>
    Tags,

    /// <summary>Latitude and longitude, each standardised, then "missing".</summary>
    Position,
}

/// <summary>One feature of a schema: fitted once, on training rows only, and never changed.</summary>
/// <param name="Mean">Number: one mean; Position: latitude's and longitude's. Else empty.</param>
/// <param name="Scale">One over the standard deviation, as many as means.</param>
/// <param name="Vocabulary">Category and Tags: known values, most frequent first.</param>
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

    public int Width =>
        Kind switch
        {
            FeatureKind.Number => 2,
            FeatureKind.Position => 3,
            _ => Vocabulary.Length + 2,
        };

    /// <summary>Writes <see cref="Width"/> numbers; null is missing.</summary>
    /// <exception cref="FeatureException">The value is of another kind than the schema was fitted on.</exception>
    public void Encode(Feature? feature, Span<float> target)
    {
        target.Clear();
        switch (Kind, feature?.ValueCase ?? Feature.ValueOneofCase.None)
        {
            case (_, Feature.ValueOneofCase.None):
                target[^1] = 1;
                break;
            case (FeatureKind.Number, Feature.ValueOneofCase.Number):
                target[0] = Standard(feature!.Number, 0);
                break;
            case (FeatureKind.Category, Feature.ValueOneofCase.Text):
                target[_index.GetValueOrDefault(feature!.Text, Vocabulary.Length)] = 1;
                break;
            case (FeatureKind.Tags, Feature.ValueOneofCase.Texts):
                Encode(feature!.Texts, target);
                break;
            case (FeatureKind.Position, Feature.ValueOneofCase.Position):
                target[0] = Standard(feature!.Position.Latitude, 0);
                target[1] = Standard(feature.Position.Longitude, 1);
                break;
            default:
                throw new FeatureException($"feature \"{Name}\" is a {feature!.ValueCase}, the schema has a {Kind}");
        }
    }

    private void Encode(TextList tags, Span<float> target)
    {
        if (tags.Values.Count == 0)
        {
            return;
        }

        var share = 1f / tags.Values.Count;
        foreach (var tag in tags.Values)
        {
            target[_index.GetValueOrDefault(tag, Vocabulary.Length)] += share;
        }
    }

    /// <summary>Clipped at ten standard deviations: one absurd value must not decide a score.</summary>
    private float Standard(double value, int axis) => (float)Math.Clamp((value - Mean[axis]) * Scale[axis], -10, 10);
}

/// <summary>Raw features that a schema cannot encode. The message names the feature.</summary>
public sealed class FeatureException : Exception
{
    public FeatureException(string message)
        : base(message) { }

    public FeatureException(string message, Exception inner)
        : base(message, inner) { }

    public FeatureException() { }
}
