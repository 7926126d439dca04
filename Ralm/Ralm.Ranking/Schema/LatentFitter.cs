using System.Collections.Immutable;

namespace Ralm.Ranking.Schema;

/// <summary>Fits a <see cref="LatentSpace"/> to people's tags. Tags of one person alone say nothing and are left out.</summary>
internal sealed class LatentFitter
{
    /// <summary>Beyond it, people are passed over: singular vectors of a sample are close enough.</summary>
    private const int MaxPeople = 100_000;

    private readonly List<Dictionary<string, int>> _people = [];
    private readonly Vocabulary _frequency = new();

    public void Add(Dictionary<string, int> tags)
    {
        if (_people.Count == MaxPeople)
        {
            return;
        }

        _people.Add(tags);
        foreach (var tag in tags.Keys)
        {
            _frequency.Add(tag);
        }
    }

    public (ImmutableArray<string> Vocabulary, LatentSpace Space) Fit(int maxValues, int dimensions)
    {
        var vocabulary = _frequency.MostFrequent(maxValues, least: 2);
        ImmutableArray<float> rarity =
        [
            .. vocabulary.Select(t => HalfFloatsConverter.Round(Math.Log((double)(_people.Count + 1) / _frequency[t]))),
        ];
        var index = vocabulary.Select((tag, k) => (tag, k)).ToDictionary(t => t.tag, t => t.k, StringComparer.Ordinal);
        var space = new LatentSpace(dimensions, rarity, []);
        var rows = _people.Select(p => Row(p, index, space)).ToArray();
        var vectors = TruncatedSvd.RightVectors(rows, vocabulary.Length, dimensions);
        var scale = Scale(rows, vectors, dimensions);
        return (
            vocabulary,
            space with
            {
                Vectors = [.. vectors.Cast<double>().Select(x => HalfFloatsConverter.Round(x * scale))],
            }
        );
    }

    private static (int, float)[] Row(Dictionary<string, int> tags, Dictionary<string, int> index, LatentSpace space)
    {
        var row = tags.Where(t => index.ContainsKey(t.Key))
            .Select(t => (Column: index[t.Key], Value: space.Weight(index[t.Key], t.Value)))
            .OrderBy(t => t.Column)
            .ToArray();
        var norm = MathF.Sqrt(row.Sum(t => t.Value * t.Value));
        return [.. row.Select(t => (t.Column, t.Value / Math.Max(norm, float.Epsilon)))];
    }

    /// <summary>One factor for all: people's coordinates then have a mean square of one, as other inputs have.</summary>
    private static double Scale((int Column, float Value)[][] rows, double[,] vectors, int dimensions)
    {
        var squares = 0.0;
        foreach (var row in rows)
        {
            for (var d = 0; d < dimensions; d++)
            {
                var coordinate = row.Sum(t => t.Value * vectors[t.Column, d]);
                squares += coordinate * coordinate;
            }
        }

        return squares == 0 ? 1 : Math.Sqrt((double)rows.Length * dimensions / squares);
    }
}
