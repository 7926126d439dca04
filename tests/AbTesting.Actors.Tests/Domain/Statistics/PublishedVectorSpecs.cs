using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>What SciPy, statsmodels, R and GrowthBook's statistics answer, and what we do.</summary>
[Trait("Category", SharedData.Category)]
public sealed class PublishedVectorSpecs
{
    [Fact]
    public void Every_published_vector_is_met()
    {
        var unknown = new List<string>();
        var met = 0;
        foreach (var json in SharedData.Json("ab", "stats", "peer_vectors.json").EnumerateArray())
        {
            var vector = Vector.Of(json, 1e-9);
            if (PublishedFunctions.Check(vector))
            {
                met++;
            }
            else
            {
                unknown.Add($"{vector.Id} {vector.Function}");
            }
        }

        Assert.Equal([], unknown);
        Assert.Equal(70, met);
    }

    [Fact]
    public void Every_computed_case_is_met()
    {
        var (met, byFunction) = (0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var json in SharedData.Json("ab", "stats", "oracle_scipy.json").EnumerateArray())
        {
            var vector = Vector.Of(json, 1e-8);
            Assert.True(ComputedFunctions.Check(vector), vector.Function);
            byFunction.Add(vector.Function);
            met++;
        }

        Assert.Equal(309, met);
        Assert.Equal(6, byFunction.Count);
    }

    [Fact]
    public void Every_point_of_the_distributions_is_met_to_nine_digits()
    {
        var met = 0;
        foreach (var point in SharedData.Json("ab", "stats", "oracle_distributions.json").EnumerateArray())
        {
            var (f, x) = (point.GetProperty("f").GetString(), point.GetProperty("x").GetDouble());
            var df = point.TryGetProperty("df", out var d) ? d.GetDouble() : 0;
            var actual = f switch
            {
                "chi2_sf" => Tails.ChiSquare(df, x),
                "t_sf" => Tails.Student(df, x),
                "norm_ppf" => -Tails.NormalQuantile(x),
                _ => throw new InvalidDataException(f),
            };
            var expected = point.GetProperty("v").GetDouble();
            Assert.True(
                Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected),
                $"{f} df {df} x {x}: expected {expected:R}, was {actual:R}"
            );
            met++;
        }

        Assert.Equal(110, met);
    }
}
