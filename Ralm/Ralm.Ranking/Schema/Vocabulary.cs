using System.Collections.Immutable;

namespace Ralm.Ranking.Schema;

/// <summary>Values and how often they came.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string value) => _counts[value] = this[value] + 1;

    public int this[string value] => _counts.GetValueOrDefault(value);

    /// <summary>Equally frequent ones in the order of their letters: the same data, the same vocabulary.</summary>
    /// <param name="least">Rarer values are left out.</param>
    public ImmutableArray<string> MostFrequent(int most, int least = 1) =>
        [
            .. _counts
                .Where(c => c.Value >= least)
                .OrderByDescending(c => c.Value)
                .ThenBy(c => c.Key, StringComparer.Ordinal)
                .Take(most)
                .Select(c => c.Key),
        ];
}
