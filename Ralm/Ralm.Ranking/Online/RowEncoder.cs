using System.Collections.Immutable;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Online;

/// <summary>
/// A row's features as numbers: its numbers as they are, each with an indicator of one that is missing, and everything
/// else as a schema encodes it that was fitted on the first rows.
/// </summary>
public sealed class RowEncoder
{
    private readonly ImmutableArray<string> _numbers;
    private readonly SideSchema _schema;

    private RowEncoder(ImmutableArray<string> numbers, SideSchema schema) => (_numbers, _schema) = (numbers, schema);

    /// <summary>Numbers that are standardised by whoever learns; they come first.</summary>
    public int Numbers => _numbers.Length;

    /// <summary>Numbers, then their indicators, then the schema's.</summary>
    public int Width => (2 * _numbers.Length) + _schema.Width;

    /// <param name="numbers">Names of the features that are numbers.</param>
    /// <param name="others">Of all other features.</param>
    public static RowEncoder Fit(
        ImmutableArray<string> numbers,
        IEnumerable<FeatureFitter> others,
        IEnumerable<Features> rows
    )
    {
        var fitters = others.ToDictionary(f => f.Name, StringComparer.Ordinal);
        if (fitters.Count > 0)
        {
            foreach (var feature in rows.SelectMany(r => r.Items))
            {
                fitters.GetValueOrDefault(feature.Name)?.See(feature);
            }
        }

        return new RowEncoder(numbers, new SideSchema([.. fitters.Values.Select(f => f.Fit())]));
    }

    /// <summary>Writes <see cref="Width"/> numbers; one that is missing is NaN, and its indicator 1.</summary>
    public void Encode(Features features, Span<double> target)
    {
        for (var k = 0; k < _numbers.Length; k++)
        {
            target[k] = double.NaN;
            target[Numbers + k] = 1;
        }

        var rest = new Features();
        foreach (var feature in features.Items)
        {
            if (_numbers.IndexOf(feature.Name) is >= 0 and var place)
            {
                target[place] = feature.Number;
                target[Numbers + place] = 0;
            }
            else
            {
                rest.Items.Add(feature);
            }
        }

        Span<float> encoded = new float[_schema.Width];
        _schema.Encode("", rest, encoded);
        for (var k = 0; k < encoded.Length; k++)
        {
            target[(2 * Numbers) + k] = encoded[k];
        }
    }
}
