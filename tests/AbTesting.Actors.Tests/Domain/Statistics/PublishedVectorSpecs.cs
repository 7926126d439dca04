using System.Text.Json;
using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>What SciPy, statsmodels, R and GrowthBook's statistics answer, and what we do: every file that is there.</summary>
[Trait("Category", SharedData.Category)]
public sealed class PublishedVectorSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Every_published_vector_of_our_functions_is_met()
    {
        var run = new VectorRun();
        foreach (var path in SharedData.Files("*.json", "ab", "stats"))
        {
            foreach (var json in SharedData.JsonOf(path).EnumerateArray())
            {
                Check(run, path, json);
            }
        }

        run.End(output);
    }

    private static void Check(VectorRun run, string path, JsonElement json)
    {
        if (json.TryGetProperty("f", out var distribution))
        {
            run.Check(Path.GetFileName(path), distribution.GetString()!, () => IsMet(distribution.GetString()!, json));
            return;
        }

        var vector = Vector.Of(json, 1e-8);
        run.Check(
            vector.Id,
            vector.Function,
            () => PublishedFunctions.Check(vector) || ComputedFunctions.Check(vector)
        );
    }

    /// <summary>A point of a distribution, to nine digits.</summary>
    private static bool IsMet(string function, JsonElement point)
    {
        var x = point.GetProperty("x").GetDouble();
        var df = point.TryGetProperty("df", out var d) ? d.GetDouble() : 0;
        double? actual = function switch
        {
            "chi2_sf" => Tails.ChiSquare(df, x),
            "t_sf" => Tails.Student(df, x),
            "norm_sf" => Tails.Normal(x),
            "norm_cdf" => Tails.Normal(-x),
            "norm_ppf" => -Tails.NormalQuantile(x),
            "norm_isf" => Tails.NormalQuantile(x),
            "t_ppf" => -Tails.StudentQuantile(df, x),
            _ => null,
        };
        var expected = point.GetProperty("v").GetDouble();
        Assert.True(
            actual is not { } value || Math.Abs(value - expected) <= 1e-9 * Math.Abs(expected),
            $"df {df} x {x}: expected {expected:R}, was {actual:R}"
        );
        return actual is not null;
    }
}
