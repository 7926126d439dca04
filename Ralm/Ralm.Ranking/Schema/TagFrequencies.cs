using System.Collections.Frozen;
using System.Collections.Immutable;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Schema;

/// <summary>How many people have a tag: a rare one in common says more.</summary>
/// <param name="People">People counted.</param>
/// <param name="Tags">Tags of more than two people, most frequent first; others count as rare.</param>
/// <param name="Counts">People per tag.</param>
public sealed record TagFrequencies(int People, ImmutableArray<string> Tags, ImmutableArray<int> Counts)
{
    private const int Rare = 2;

    private readonly FrozenDictionary<ulong, int> _counts = Tags.Zip(Counts)
        .GroupBy(t => Hashing.Key(t.First))
        .ToFrozenDictionary(t => t.Key, t => t.First().Second);

    /// <summary>One over the log of the people who have it.</summary>
    internal float AdamicAdar(ulong key) => 1 / MathF.Log(1 + _counts.GetValueOrDefault(key, Rare));

    /// <summary>Log of all people over those who have it.</summary>
    internal float Rarity(ulong key) => MathF.Log((People + 1f) / _counts.GetValueOrDefault(key, Rare));
}
