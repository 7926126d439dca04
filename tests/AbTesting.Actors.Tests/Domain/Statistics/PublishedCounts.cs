using System.Text.Json;
using RalmActors.AbTesting.Domain.Statistics;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>The cases other projects test themselves with, of tables and rates.</summary>
internal static class PublishedCounts
{
    public static bool Check(Vector v) => Tables(v) || Rates(v);

    private static bool Tables(Vector v)
    {
        switch (v.Function)
        {
            case "chi2_contingency":
                return v.Says("table", "correction") && v.HasTable && Independence(v);
            case "expected_freq" when v.Says("table") && v.HasTable:
                var table = new ContingencyTable(v.Table());
                var expected = v.Expected.GetProperty("expected").Deserialize<double[][]>()!;
                Assert.All(
                    expected.Index(),
                    row =>
                        Assert.All(row.Item.Index(), c => Assert.Equal(c.Item, table.Expected(row.Index, c.Index), 9))
                );
                return true;
            case "association_cramer" when v.Says("table") && v.HasTable:
                v.Check("value", new ContingencyTable(v.Table()).CramersV);
                return true;
            case "association_pearson" when v.Says("table") && v.HasTable:
                v.Check("value", new ContingencyTable(v.Table()).PearsonsC);
                return true;
            case "association_tschuprow" when v.Says("table") && v.HasTable:
                v.Check("value", new ContingencyTable(v.Table()).TschuprowsT);
                return true;
            case "fisher_exact":
                return v.Says("table", "alternative") && v.HasTable && Exact(v);
            case "srm_p_value" when v.Says("users", "weights"):
                var units = v.Input.GetProperty("users").Deserialize<long[]>()!;
                v.Check("p", SampleRatio.ChiSquare(units, v.Numbers("weights")).P);
                return true;
            default:
                return false;
        }
    }

    private static bool Independence(Vector v)
    {
        var counts = v.Table();
        if (v.Expected.TryGetProperty("error", out _))
        {
            var isRefused = counts.Length == 0 || counts.Cast<double>().Any(c => !(c >= 0));
            // Where a row or a column is empty, others refuse; ours says that it knows nothing.
            if (isRefused)
            {
                Assert.Throws<ArgumentException>(() => new ContingencyTable(counts));
            }

            return isRefused;
        }

        var table = new ContingencyTable(counts);
        var corrects = !v.Input.TryGetProperty("correction", out var said) || said.GetBoolean();
        var test = corrects ? table.Yates() : table.Pearson();
        v.Check("chi2", test.Statistic);
        v.Check("p", test.P);
        v.Check("dof", test.DegreesOfFreedom);
        return true;
    }

    private static bool Exact(Vector v)
    {
        var t = v.Table();
        var (a, b, c, d) = ((long)t[0, 0], (long)t[0, 1], (long)t[1, 0], (long)t[1, 1]);
        var side = v.Input.TryGetProperty("alternative", out _) ? v.Text("alternative") : "two-sided";
        double? p = side switch
        {
            "two-sided" => FisherExact.TwoSided(a, b, c, d),
            "less" => FisherExact.Less(a, b, c, d),
            "greater" => FisherExact.Greater(a, b, c, d),
            _ => null,
        };
        v.Check("p", p ?? 0);
        return p is not null;
    }

    private static bool Rates(Vector v)
    {
        switch (v.Function)
        {
            case "proportions_chisquare" when v.Says("count", "nobs", "value"):
                var test = Fit(v);
                v.Check("chi2", test.Statistic);
                v.Check("p", test.P);
                v.Check("dof", test.DegreesOfFreedom);
                return true;
            case "proportions_ztest" when v.Says("count", "nobs") && v.Input.GetProperty("count").GetArrayLength() == 2:
                var (count, of) = (v.Numbers("count"), v.Numbers("nobs"));
                var two = new TwoProportions(
                    new Proportion((long)count[0], (long)of[0]),
                    new Proportion((long)count[1], (long)of[1])
                );
                v.Check("z", two.Z);
                v.Check("p", two.ZP);
                return true;
            case "binom_test":
                return v.Says("count", "nobs", "p0", "alternative") && Binomial(v);
            case "proportion_confint" when v.Says("count", "nobs", "alpha", "method"):
                var observed = new Proportion((long)v.In("count"), (long)v.In("nobs"));
                var limits = Of(observed, v.Text("method"), v.In("alpha"));
                v.Check("ci", limits ?? default);
                return limits is not null;
            default:
                return false;
        }
    }

    private static Interval? Of(Proportion observed, string method, double alpha) =>
        method switch
        {
            "agresti_coull" => observed.AgrestiCoull(alpha),
            "beta" => observed.ClopperPearson(alpha),
            "jeffreys" => observed.Jeffreys(alpha),
            "normal" => observed.Wald(alpha),
            "wilson" => observed.Wilson(alpha),
            _ => null,
        };

    private static ChiSquareTest Fit(Vector v)
    {
        var (count, of) = (v.Numbers("count"), v.Numbers("nobs"));
        if (v.Input.TryGetProperty("value", out var rate))
        {
            double[] shares = [rate.GetDouble(), 1 - rate.GetDouble()];
            return SampleRatio.ChiSquare([(long)count[0], (long)(of[0] - count[0])], shares);
        }

        var table = new double[count.Length, 2];
        for (var i = 0; i < count.Length; i++)
        {
            (table[i, 0], table[i, 1]) = (count[i], of[i] - count[i]);
        }

        return new ContingencyTable(table).Pearson();
    }

    private static bool Binomial(Vector v)
    {
        var observed = new Proportion((long)v.In("count"), (long)v.In("nobs"));
        var exact = v with { Tolerance = Math.Max(v.Tolerance, 1e-9) };
        switch (v.Text("alternative"))
        {
            case "two-sided":
                v.Check("p", BinomialTest.TwoSided(observed, v.In("p0")));
                exact.Check("ci_clopper_pearson", observed.ClopperPearson());
                return true;
            case "less" or "smaller":
                v.Check("p", BinomialTest.Less(observed, v.In("p0")));
                exact.Check("ci_clopper_pearson", new Interval(0, observed.ClopperPearson(2 * 0.05).High));
                return true;
            case "greater" or "larger":
                v.Check("p", BinomialTest.Greater(observed, v.In("p0")));
                exact.Check("ci_clopper_pearson", new Interval(observed.ClopperPearson(2 * 0.05).Low, 1));
                return true;
            default:
                return false;
        }
    }
}
