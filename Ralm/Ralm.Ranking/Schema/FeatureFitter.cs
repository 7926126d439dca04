using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>
/// Sees training values one by one and then says how to encode the feature. Memory is bounded by the values of categories
/// and, for latent features, by a sample of people.
/// </summary>
public sealed class FeatureFitter
{
    private readonly FeatureRecipe _recipe;
    private readonly RunningMoments[] _moments = [new(), new()];
    private readonly Vocabulary _vocabulary = new();
    private readonly LatentFitter _latent = new();
    private readonly Quantiles _quantiles = new();

    /// <exception cref="FormatException">The recipe breaks a rule.</exception>
    public FeatureFitter(string name, FeatureRecipe recipe)
    {
        recipe.Check();
        (Name, _recipe) = (name, recipe.Complete());
    }

    public FeatureFitter(string name, FeatureKind kind)
        : this(name, new FeatureRecipe(kind)) { }

    public string Name { get; }

    public void See(Feature? feature)
    {
        switch (_recipe.Kind, feature?.ValueCase)
        {
            case (FeatureKind.Number, Feature.ValueOneofCase.Number):
                _moments[0].Add(feature!.Number);
                if (_recipe.Scaling == Scaling.Quantile)
                {
                    _quantiles.Add(feature.Number);
                }

                break;
            case (FeatureKind.Position, Feature.ValueOneofCase.Position):
                _moments[0].Add(feature!.Position.Latitude);
                _moments[1].Add(feature.Position.Longitude);
                break;
            case (FeatureKind.Category, Feature.ValueOneofCase.Text):
                _vocabulary.Add(feature!.Text);
                break;
            case (FeatureKind.Tags, Feature.ValueOneofCase.Texts):
                foreach (var tag in feature!.Texts.Values)
                {
                    _vocabulary.Add(tag);
                }

                break;
            case (FeatureKind.Latent, Feature.ValueOneofCase.Texts):
                _latent.Add(Bags.Count(feature!.Texts));
                break;
        }
    }

    public FeatureSpec Fit() =>
        _recipe.Kind switch
        {
            FeatureKind.Number => Spec(1) with
            {
                Scaling = _recipe.Scaling,
                Knots = _recipe.Scaling == Scaling.Quantile ? _quantiles.Knots() : default,
            },
            FeatureKind.Position => Spec(2),
            FeatureKind.Latent => LatentSpec(),
            FeatureKind.Hashed or FeatureKind.Tokens or FeatureKind.Id => Spec(0) with { Buckets = _recipe.Buckets },
            _ => Spec(0),
        };

    private FeatureSpec Spec(int axes) =>
        new(
            Name,
            _recipe.Kind,
            [.. _moments.Take(axes).Select(m => _recipe.Scaling == Scaling.MinMax ? m.Least : m.Mean)],
            [.. _moments.Take(axes).Select(m => _recipe.Scaling == Scaling.MinMax ? m.OverRange : m.OverDeviation)],
            _vocabulary.MostFrequent(_recipe.MaxValues)
        );

    private FeatureSpec LatentSpec()
    {
        var (vocabulary, space) = _latent.Fit(_recipe.MaxValues, _recipe.Dimensions);
        return new FeatureSpec(Name, FeatureKind.Latent, [], [], vocabulary) { Latent = space };
    }
}
