using System.Text.Json;
using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;

namespace RalmActors.AbTesting.Actors.Tests.Published;

/// <summary>
/// What we make of a published experiment, by the names under which it may have been published. Where a name does not say
/// which of two tests it was, both are candidates.
/// </summary>
internal static class PublishedFigures
{
    /// <summary>Empty: it gives neither counts nor means.</summary>
    public static Dictionary<string, double[][]> Of(JsonElement published)
    {
        if (published.TryGetProperty("table", out var table))
        {
            return Table(table);
        }

        if (published.TryGetProperty("arms", out var arms) && Several(arms) is { } samples)
        {
            return Several(samples);
        }

        return !published.TryGetProperty("control", out var a) || !published.TryGetProperty("treatment", out var b) ? []
            : a.TryGetProperty("conversions", out _) && b.TryGetProperty("conversions", out _)
                ? Rates(Proportion(a), Proportion(b))
            : Sample(a) is { } control && Sample(b) is { } treatment ? Means(control, treatment)
            : [];
    }

    private static Dictionary<string, double[][]> Rates(Proportion control, Proportion treatment)
    {
        var two = new TwoProportions(control, treatment);
        var (pearson, yates) = (two.Table.Pearson(), two.Table.Yates());
        return Named(
            ("rate_control", [two.A.Rate]),
            ("rate_treatment", [two.B.Rate]),
            ("diff", [two.Difference]),
            ("chi2", [pearson.Statistic]),
            ("p", [pearson.P]),
            ("chi2_yates", [yates.Statistic]),
            ("p_yates", [yates.P]),
            // Published as treatment less control.
            ("z", [-two.Z]),
            ("p_z", [two.ZP]),
            ("cohen_h", [two.CohenH]),
            ("phi", [two.Table.Phi]),
            ("odds_ratio", [two.OddsRatio]),
            ("diff_ci_newcombe", Ends(two.NewcombeDifference())),
            ("diff_ci_wald", Ends(two.WaldDifference())),
            ("srm_p_5050", [SampleRatio.ChiSquare([two.A.Trials, two.B.Trials], [1, 1]).P])
        );
    }

    private static Dictionary<string, double[][]> Means(Moments control, Moments treatment)
    {
        var (welch, pooled) = (Effect.Absolute(control, treatment), Effect.Pooled(control, treatment));
        var (t, p, df) = (FixedHorizon.T(welch), FixedHorizon.TwoSidedP(welch), welch.DegreesOfFreedom);
        var (tPooled, pPooled) = (FixedHorizon.T(pooled), FixedHorizon.TwoSidedP(pooled));
        // For tens of thousands of units some say z.
        var pNormal = Tails.NormalTwoSided(t);
        var (ci, ciPooled) = (FixedHorizon.TwoSided(welch, 0.05), FixedHorizon.TwoSided(pooled, 0.05));
        var named = Named(
            ("mean_control", [control.Mean]),
            ("mean_treatment", [treatment.Mean]),
            ("diff", [welch.Value]),
            ("mean_diff", [welch.Value]),
            ("difference", [welch.Value]),
            ("lift", [welch.Value / control.Mean]),
            ("t_welch", [t]),
            ("welch_t", [t]),
            ("p_welch", [p]),
            ("welch_p", [p]),
            ("df_welch", [df]),
            ("welch_df", [df]),
            ("t_pooled", [tPooled]),
            ("p_pooled", [pPooled]),
            ("z", [t]),
            ("p_z", [pNormal]),
            ("cohen_d", [Effect.CohenD(control, treatment)]),
            ("diff_ci_welch", Ends(ci)),
            ("ci_welch", Ends(ci)),
            ("srm_p_5050", [SampleRatio.ChiSquare([(long)control.Count, (long)treatment.Count], [1, 1]).P])
        );
        named["t"] =
        [
            [t],
            [tPooled],
        ];
        named["p"] =
        [
            [p],
            [pPooled],
            [pNormal],
        ];
        named["df"] =
        [
            [df],
            [pooled.DegreesOfFreedom],
        ];
        named["dof"] = named["df"];
        named["ci"] =
        [
            Ends(ci),
            Ends(ciPooled),
            Ends(Interval.Around(welch.Value, Tails.NormalQuantile(0.025) * welch.StandardError)),
        ];
        named["diff_ci"] = named["ci"];
        return named;
    }

    private static Dictionary<string, double[][]> Several(Moments[] arms)
    {
        var test = AnalysisOfVariance.Of(arms);
        return Named(
            ("f", [test.F]),
            ("F", [test.F]),
            ("p", [test.P]),
            ("p_anova", [test.P]),
            ("df_between", [test.Between]),
            ("df_within", [test.Within]),
            ("srm_p_equal", [SampleRatio.ChiSquare([.. arms.Select(a => (long)a.Count)], [.. arms.Select(_ => 1.0)]).P])
        );
    }

    private static Dictionary<string, double[][]> Table(JsonElement table)
    {
        var rows = table
            .EnumerateArray()
            .Select(r => r.EnumerateArray().Select(v => v.GetDouble()).ToArray())
            .ToArray();
        var counts = new double[rows.Length, rows[0].Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
            {
                counts[i, j] = rows[i][j];
            }
        }

        var contingency = new ContingencyTable(counts);
        var omnibus = contingency.Pearson();
        return Named(
            ("chi2", [omnibus.Statistic]),
            ("p", [omnibus.P]),
            ("dof", [omnibus.DegreesOfFreedom]),
            ("cramers_v", [contingency.CramersV]),
            ("srm_p_equal", [SampleRatio.ChiSquare([.. rows.Select(r => (long)r.Sum())], [.. rows.Select(_ => 1.0)]).P])
        );
    }

    private static Dictionary<string, double[][]> Named(params ReadOnlySpan<(string Name, double[] Values)> figures)
    {
        Dictionary<string, double[][]> named = new(StringComparer.Ordinal);
        foreach (var (name, values) in figures)
        {
            named[name] = [values];
        }

        return named;
    }

    private static Proportion Proportion(JsonElement arm) =>
        new(arm.GetProperty("conversions").GetInt64(), arm.GetProperty("n").GetInt64());

    private static Moments[]? Several(JsonElement arms)
    {
        var samples = Each(arms).Select(Sample).ToArray();
        return samples.Length > 1 && samples.All(s => s is not null) ? [.. samples.Select(s => s!.Value)] : null;
    }

    private static IEnumerable<JsonElement> Each(JsonElement arms) =>
        arms.ValueKind switch
        {
            JsonValueKind.Array => arms.EnumerateArray(),
            JsonValueKind.Object => arms.EnumerateObject().Select(a => a.Value),
            _ => [],
        };

    /// <summary>A sample by its mean and how it varies, or by its sums.</summary>
    private static Moments? Sample(JsonElement arm)
    {
        if (arm.ValueKind != JsonValueKind.Object || Number(arm, "n", "count", "units") is not { } n)
        {
            return null;
        }

        if (Number(arm, "sum", "total") is { } sum && Number(arm, "sum_squares", "sum_sq") is { } squares)
        {
            return Moments.OfSums(n, sum, squares);
        }

        var deviation = Number(arm, "sd", "std", "stdev", "stddev", "std_dev");
        var error = Number(arm, "se", "sem", "stderr");
        var variance = Number(arm, "variance", "var") ?? deviation * deviation ?? error * error * n;
        return Number(arm, "mean", "avg", "average") is { } mean && variance is { } v
            ? new Moments(n, mean, v * (n - 1))
            : null;
    }

    private static double? Number(JsonElement arm, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (arm.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            {
                return value.GetDouble();
            }
        }

        return null;
    }

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];
}
