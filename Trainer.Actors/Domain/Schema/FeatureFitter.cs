using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Domain.Schema;

/// <summary>Sees training values one by one and then says how to encode the feature. Memory is bounded by the values
/// of categories.</summary>
/// <param name="maxVocabulary">Most frequent values kept; the rest are "other".</param>
public sealed class FeatureFitter(string name, FeatureKind kind, int maxVocabulary = FeatureFitter.DefaultVocabulary)
{
    public const int DefaultVocabulary = 64;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Moments[] _moments = [new(), new()];

    public string Name => name;

    public FeatureKind Kind => kind;

    public void See(Feature? feature)
    {
        switch (feature?.ValueCase)
        {
            case Feature.ValueOneofCase.Number:
                _moments[0].Add(feature.Number);
                break;
            case Feature.ValueOneofCase.Position:
                _moments[0].Add(feature.Position.Latitude);
                _moments[1].Add(feature.Position.Longitude);
                break;
            case Feature.ValueOneofCase.Text:
                Count(feature.Text);
                break;
            case Feature.ValueOneofCase.Texts:
                foreach (var tag in feature.Texts.Values)
                {
                    Count(tag);
                }

                break;
        }
    }

    public FeatureSpec Fit()
    {
        var axes =
            kind == FeatureKind.Number ? 1
            : kind == FeatureKind.Position ? 2
            : 0;
        return new FeatureSpec(
            name,
            kind,
            [.. _moments.Take(axes).Select(m => m.Mean)],
            [.. _moments.Take(axes).Select(m => m.Scale)],
            [
                .. _counts
                    .OrderByDescending(c => c.Value)
                    .ThenBy(c => c.Key, StringComparer.Ordinal)
                    .Take(maxVocabulary)
                    .Select(c => c.Key),
            ]
        );
    }

    private void Count(string value) => _counts[value] = _counts.GetValueOrDefault(value) + 1;

    /// <summary>Welford's running mean and variance (1962).</summary>
    private sealed class Moments
    {
        private long _n;
        private double _m2;

        public double Mean { get; private set; }

        public double Scale => _n > 1 && _m2 > 0 ? 1 / Math.Sqrt(_m2 / _n) : 1;

        public void Add(double x)
        {
            _n++;
            var delta = x - Mean;
            Mean += delta / _n;
            _m2 += delta * (x - Mean);
        }
    }
}
