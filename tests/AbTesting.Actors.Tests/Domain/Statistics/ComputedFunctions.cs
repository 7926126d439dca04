using System.Text.Json;
using RalmActors.AbTesting.Domain.Statistics;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>The cases computed with SciPy and statsmodels.</summary>
internal static class ComputedFunctions
{
    public static bool Check(Vector v)
    {
        switch (v.Function)
        {
            case "two_proportions":
                TwoRates(v);
                return true;
            case "chi2_table":
                var table = new ContingencyTable(v.Table());
                var test = table.Pearson();
                v.Check("chi2", test.Statistic);
                v.Check("p", test.P);
                v.Check("dof", test.DegreesOfFreedom);
                v.Check("cramers_v", table.CramersV);
                return true;
            case "srm":
                var units = v.Input.GetProperty("users").Deserialize<long[]>()!;
                v.Check("p", SampleRatio.ChiSquare(units, v.Numbers("weights")).P);
                return true;
            case "proportion_ci":
                var observed = new Proportion((long)v.In("count"), (long)v.In("nobs"));
                v.Check("wilson", observed.Wilson(v.In("alpha")));
                v.Check("normal", observed.Wald(v.In("alpha")));
                v.Check("agresti_coull", observed.AgrestiCoull(v.In("alpha")));
                v.Check("beta", observed.ClopperPearson(v.In("alpha")));
                v.Check("jeffreys", observed.Jeffreys(v.In("alpha")));
                return true;
            case "sample_size_h":
                var h = 2 * Math.Asin(Math.Sqrt(v.In("p2"))) - 2 * Math.Asin(Math.Sqrt(v.In("p1")));
                v.Check("cohen_h", h);
                // The source's root finder stops within 1e-7.
                (v with { Tolerance = 1e-7 }).Check(
                    "n1",
                    SampleSize.ForEffect(h, v.In("alpha"), v.In("power"), v.In("ratio"))
                );
                return true;
            case "two_samples":
                TwoSamples(v);
                return true;
            default:
                return false;
        }
    }

    private static void TwoRates(Vector v)
    {
        var two = new TwoProportions(
            new Proportion((long)v.In("success_a"), (long)v.In("n_a")),
            new Proportion((long)v.In("success_b"), (long)v.In("n_b"))
        );
        v.Check("chi2", two.Table.Pearson().Statistic);
        v.Check("p", two.Table.Pearson().P);
        v.Check("chi2_yates", two.Table.Yates().Statistic);
        v.Check("p_yates", two.Table.Yates().P);
        v.Check("z", two.Z);
        v.Check("p_z", two.ZP);
        v.Check("phi", two.Table.Phi);
        v.Check("cohen_h", two.CohenH);
        v.Check("diff_ci_wald", two.WaldDifference());
        v.Check("diff_ci_newcombe", two.NewcombeDifference());
        if (v.Expected.TryGetProperty("p_fisher", out _))
        {
            var (a, b) = (two.A, two.B);
            v.Check(
                "p_fisher",
                FisherExact.TwoSided(a.Successes, a.Trials - a.Successes, b.Successes, b.Trials - b.Successes)
            );
        }
    }

    private static void TwoSamples(Vector v)
    {
        var (one, two) = (v.Numbers("a"), v.Numbers("b"));
        var (a, b) = (Moments.Of(one), Moments.Of(two));
        // These are a - b; ours is what the treatment adds.
        var (welch, pooled) = (Effect.Absolute(b, a), Effect.Pooled(b, a));
        v.Check("t_welch", FixedHorizon.T(welch));
        v.Check("p_welch", FixedHorizon.TwoSidedP(welch));
        v.Check("df_welch", welch.DegreesOfFreedom);
        v.Check("t_pooled", FixedHorizon.T(pooled));
        v.Check("p_pooled", FixedHorizon.TwoSidedP(pooled));
        v.Check("cohen_d", Effect.CohenD(b, a));
        var (u, p) = RankTests.MannWhitney(one, two);
        v.Check("u", u);
        v.Check("p_mannwhitney_asymptotic_cc", p);
        v.Check("ks", RankTests.KolmogorovSmirnov(one, two));
    }
}
