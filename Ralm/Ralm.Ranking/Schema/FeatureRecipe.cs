using System.Text.Json;

namespace Ralm.Ranking.Schema;

/// <summary>What an owner chooses about one feature; the rest is fitted.</summary>
/// <param name="MaxValues">Vocabulary kept, the most frequent first. 0: 64, or 8,192 for latent.</param>
/// <param name="Buckets">Hashed and tokens, 0: 64; id, 0: 256.</param>
/// <param name="Dimensions">Latent. 0: 32.</param>
public sealed record FeatureRecipe(
    FeatureKind Kind,
    Scaling Scaling = Scaling.Standard,
    int MaxValues = 0,
    int Buckets = 0,
    int Dimensions = 0
)
{
    private const int DefaultVocabulary = 64;
    private const int DefaultIds = 256;
    private const int DefaultLatentVocabulary = 8_192;
    private const int DefaultDimensions = 32;

    /// <exception cref="FormatException">Out of range, or not of this kind; the message names it.</exception>
    public void Check()
    {
        Within("max_values", MaxValues, 65_536, FeatureKind.Category, FeatureKind.Tags, FeatureKind.Latent);
        Within("buckets", Buckets, 65_536, FeatureKind.Hashed, FeatureKind.Tokens, FeatureKind.Id);
        Within("dimensions", Dimensions, 512, FeatureKind.Latent);
        if (Scaling != Scaling.Standard && Kind != FeatureKind.Number)
        {
            throw new FormatException($"scaling {Word(Scaling)} is for numbers, not for {Word(Kind)}");
        }
    }

    public FeatureRecipe Complete() =>
        this with
        {
            MaxValues =
                MaxValues > 0 ? MaxValues
                : Kind == FeatureKind.Latent ? DefaultLatentVocabulary
                : DefaultVocabulary,
            Buckets =
                Buckets > 0 ? Buckets
                : Kind == FeatureKind.Id ? DefaultIds
                : DefaultVocabulary,
            Dimensions = Dimensions > 0 ? Dimensions : DefaultDimensions,
        };

    private static string Word<T>(T choice)
        where T : Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{choice}");

    private void Within(string key, int value, int high, params ReadOnlySpan<FeatureKind> kinds)
    {
        if (value != 0 && !kinds.Contains(Kind))
        {
            throw new FormatException($"{key} {value} is not a choice of {Word(Kind)}");
        }

        if (value < 0 || value > high)
        {
            throw new FormatException($"{key} {value} must be 1 to {high:N0}");
        }
    }
}
