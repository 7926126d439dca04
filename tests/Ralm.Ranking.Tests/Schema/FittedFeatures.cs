using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Tests.Schema;

/// <summary>One feature, fitted on values and encoded.</summary>
internal static class FittedFeatures
{
    public static FeatureSpec Fit(FeatureKind kind, params Feature[] values) =>
        FitOn(new FeatureFitter("f", kind), values);

    public static FeatureSpec Fit(FeatureRecipe recipe, params Feature[] values) =>
        FitOn(new FeatureFitter("f", recipe), values);

    public static float[] Encode(FeatureSpec spec, Feature? value)
    {
        var target = new float[spec.Width];
        spec.Encode(value, target);
        return target;
    }

    private static FeatureSpec FitOn(FeatureFitter fitter, Feature[] values)
    {
        foreach (var value in values)
        {
            fitter.See(value);
        }

        return fitter.Fit();
    }
}
