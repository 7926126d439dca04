using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Ralm.Ranking.Schema;

/// <summary>
/// Where tags stand: rows of people who share tags, or tags of people who share others, come out close (latent semantic
/// analysis, Deerwester et al. 1990). A person is the sum of their tags' vectors, weighted by log count and rarity and
/// brought to length one before.
/// </summary>
/// <param name="Rarity">Per tag of the vocabulary: log of people over people who have it.</param>
/// <param name="Vectors">Per tag, <paramref name="Dimensions"/> numbers.</param>
public sealed record LatentSpace(
    int Dimensions,
    [property: JsonConverter(typeof(HalfFloatsConverter))] ImmutableArray<float> Rarity,
    [property: JsonConverter(typeof(HalfFloatsConverter))] ImmutableArray<float> Vectors
)
{
    public float Weight(int tag, int count) => MathF.Log(1 + count) * Rarity[tag];

    internal void Encode(Dictionary<string, int> counts, FrozenDictionary<string, int> index, Span<float> target)
    {
        var norm = 0f;
        foreach (var (tag, count) in counts)
        {
            if (index.TryGetValue(tag, out var place))
            {
                var weight = Weight(place, count);
                norm += weight * weight;
                var vector = Vectors.AsSpan(place * Dimensions, Dimensions);
                for (var d = 0; d < Dimensions; d++)
                {
                    target[d] += weight * vector[d];
                }
            }
        }

        if (norm == 0)
        {
            target[^1] = 1;
            return;
        }

        var scale = 1 / MathF.Sqrt(norm);
        for (var d = 0; d < Dimensions; d++)
        {
            target[d] *= scale;
        }
    }
}
