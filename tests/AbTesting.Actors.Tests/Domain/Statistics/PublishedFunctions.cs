using System.Text.Json;
using RalmActors.AbTesting.Domain.Statistics;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>The cases other projects test themselves with.</summary>
internal static class PublishedFunctions
{
    public static bool Check(Vector v) => Tables(v) || Rates(v) || Effects(v) || Beliefs(v) || Powers(v);

    private static bool Tables(Vector v)
    {
        switch (v.Function)
        {
            case "chi2_contingency":
                Assert.Throws<ArgumentException>(() => new ContingencyTable(v.Table()));
                return true;
            case "expected_freq":
                var table = new ContingencyTable(v.Table());
                var expected = v.Expected.GetProperty("expected").Deserialize<double[][]>()!;
                Assert.All(
                    expected.Index(),
                    row =>
                        Assert.All(row.Item.Index(), c => Assert.Equal(c.Item, table.Expected(row.Index, c.Index), 9))
                );
                return true;
            case "association_tschuprow":
                v.Check("value", new ContingencyTable(v.Table()).TschuprowsT);
                return true;
            case "fisher_exact":
                var t = v.Table();
                v.Check("p", FisherExact.TwoSided((long)t[0, 0], (long)t[0, 1], (long)t[1, 0], (long)t[1, 1]));
                return true;
            case "srm_p_value":
                var units = v.Input.GetProperty("users").Deserialize<long[]>()!;
                v.Check("p", SampleRatio.ChiSquare(units, v.Numbers("weights")).P);
                return true;
            default:
                return false;
        }
    }

    private static bool Rates(Vector v)
    {
        switch (v.Function)
        {
            case "proportions_chisquare":
                var test = Fit(v);
                v.Check("chi2", test.Statistic);
                v.Check("p", test.P);
                v.Check("dof", test.DegreesOfFreedom);
                return true;
            case "proportions_ztest":
                var (count, of) = (v.Numbers("count"), v.Numbers("nobs"));
                var two = new TwoProportions(
                    new Proportion((long)count[0], (long)of[0]),
                    new Proportion((long)count[1], (long)of[1])
                );
                v.Check("z", two.Z);
                v.Check("p", two.ZP);
                return true;
            case "binom_test":
                Binomial(v);
                return true;
            case "proportion_confint":
                var observed = new Proportion((long)v.In("count"), (long)v.In("nobs"));
                v.Check("ci", Of(observed, v.Text("method"), v.In("alpha")));
                return true;
            default:
                return false;
        }
    }

    private static bool Effects(Vector v)
    {
        switch (v.Function)
        {
            case "difference":
                var (a, b) = (new Moments(10, v.In("mean_a"), 1), new Moments(10, v.In("mean_b"), 1));
                var relative = v.Input.GetProperty("relative").GetBoolean();
                v.Check("diff", (relative ? Effect.Relative(a, b) : Effect.Absolute(a, b)).Value);
                return true;
            case "sample_variance":
                v.Check("mean", Moments.Of(v.Numbers("values")).Mean);
                v.Check("variance", Moments.Of(v.Numbers("values")).Variance);
                return true;
            case "two_sided_t":
            case "one_sided_greater_t":
            case "one_sided_lesser_t":
            case "sequential_two_sided_t":
            case "sequential_one_sided_greater_t":
            case "sequential_one_sided_lesser_t":
                var effect = EffectOf(v);
                v.Check("expected", effect.Value);
                v.Check("stddev", effect.StandardError);
                Significance(v, effect);
                return true;
            default:
                return false;
        }
    }

    private static void Significance(Vector v, Effect effect)
    {
        const double Alpha = 0.05;
        var sequence = new ConfidenceSequence(v.In("tuning", ConfidenceSequence.DefaultTuning));
        switch (v.Function)
        {
            case "two_sided_t":
                v.Check("ci", FixedHorizon.TwoSided(effect, Alpha));
                v.Check("p", FixedHorizon.TwoSidedP(effect));
                break;
            case "one_sided_greater_t":
                v.Check("ci", FixedHorizon.Above(effect, Alpha));
                v.Check("p", FixedHorizon.GreaterP(effect));
                break;
            case "one_sided_lesser_t":
                v.Check("ci", FixedHorizon.Below(effect, Alpha));
                v.Check("p", FixedHorizon.LesserP(effect));
                break;
            case "sequential_two_sided_t":
                v.Check("ci", sequence.TwoSided(effect, Alpha));
                v.Check("p", sequence.TwoSidedP(effect, Alpha));
                break;
            case "sequential_one_sided_greater_t":
                v.Check("ci", sequence.Above(effect, Alpha));
                // The source searches for p by halving and stops 1.2e-4 beside it; ours is the closed form.
                (v with { Tolerance = 2e-4 }).Check("p", sequence.GreaterP(effect, Alpha));
                break;
            default:
                v.Check("ci", sequence.Below(effect, Alpha));
                // The source's search ends at 0.4999 where nothing speaks for the side asked about.
                (v with { Tolerance = 2e-4 }).Check(
                    "p",
                    sequence.GreaterP(effect with { Value = -effect.Value }, Alpha)
                );
                break;
        }
    }

    private static bool Beliefs(Vector v)
    {
        switch (v.Function)
        {
            case "effect_bayes":
            case "effect_bayes_empty":
                var belief = NormalPosterior.Of(EffectOf(v));
                v.Check("expected", belief.Mean);
                v.Check("mean", belief.Mean);
                v.Check("stddev", belief.StandardDeviation);
                v.Check("chance_to_win", belief.ChanceToWin);
                v.Check("ci", belief.Credible(0.05));
                v.Check("risk", new Interval(belief.LossOfKeeping, belief.LossOfTaking));
                return true;
            case "risk":
                var sharp = new NormalPosterior(v.In("mu"), v.In("sigma"));
                v.Check("risk", new Interval(sharp.LossOfKeeping, sharp.LossOfTaking));
                return true;
            default:
                return false;
        }
    }

    private static bool Powers(Vector v)
    {
        switch (v.Function)
        {
            case "ttest_power_one_sample":
                v.Check("power", Power.OneSampleT(v.In("effect"), v.In("nobs"), v.In("alpha"), Side(v)));
                return true;
            case "ttest_power_two_sample":
                v.Check(
                    "power",
                    Power.TwoSampleT(v.In("effect"), v.In("nobs1"), v.In("alpha"), v.In("ratio"), Side(v))
                );
                return true;
            case "normal_power_two_sample":
                v.Check("power", Power.Normal(v.In("effect"), v.In("nobs1"), v.In("alpha"), v.In("ratio"), Side(v)));
                return true;
            case "chisquare_gof_power":
                v.Check("power", Power.ChiSquareFit(v.In("w"), v.In("nobs"), (int)v.In("n_bins"), v.In("alpha")));
                return true;
            case "scaling_factor_freq":
            case "scaling_factor_bayes":
                // The source halves until the power is within 1e-5 of its target; that is 1e-3 of the factor.
                (v with { Tolerance = 1e-4 }).Check("scaling_factor", StillNeeded(v));
                return true;
            default:
                return false;
        }
    }

    private static double StillNeeded(Vector v)
    {
        var z = Tails.NormalQuantile(v.In("alpha") / 2);
        var now = EffectOf(v);
        if (!v.Input.TryGetProperty("prior", out var prior))
        {
            return SampleSize.StillNeeded(
                now,
                v.In("target_mde"),
                v.In("target_power"),
                e => Interval.Around(0, z * e.StandardError)
            );
        }

        var (mean, variance) = (prior.GetProperty("mean").GetDouble(), prior.GetProperty("variance").GetDouble());
        // With a prior, an estimate decides when the posterior's interval leaves zero out.
        return SampleSize.StillNeeded(
            now,
            v.In("target_mde"),
            v.In("target_power"),
            e =>
                Interval.Around(
                    -e.Variance * mean / variance,
                    e.Variance * Math.Sqrt(1 / variance + 1 / e.Variance) * z
                )
        );
    }

    private static Effect EffectOf(Vector v)
    {
        var (a, b) = (v.Sample("a"), v.Sample("b"));
        return v.Input.TryGetProperty("difference", out var kind) && kind.GetString() == "absolute"
            ? Effect.Absolute(a, b)
            : Effect.Relative(a, b);
    }

    private static Alternative Side(Vector v) =>
        v.Text("alternative") switch
        {
            "larger" => Alternative.Larger,
            "smaller" => Alternative.Smaller,
            _ => Alternative.TwoSided,
        };

    private static Interval Of(Proportion observed, string method, double alpha) =>
        method switch
        {
            "agresti_coull" => observed.AgrestiCoull(alpha),
            "beta" => observed.ClopperPearson(alpha),
            "jeffreys" => observed.Jeffreys(alpha),
            "normal" => observed.Wald(alpha),
            "wilson" => observed.Wilson(alpha),
            _ => throw new InvalidDataException(method),
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

    private static void Binomial(Vector v)
    {
        var observed = new Proportion((long)v.In("count"), (long)v.In("nobs"));
        var exact = observed.ClopperPearson();
        if (v.Text("alternative") == "two-sided")
        {
            v.Check("p", BinomialTest.TwoSided(observed, v.In("p0")));
            (v with { Tolerance = 1e-9 }).Check("ci_clopper_pearson", exact);
            return;
        }

        v.Check("p", BinomialTest.Less(observed, v.In("p0")));
        (v with { Tolerance = 1e-9 }).Check(
            "ci_clopper_pearson",
            new Interval(0, observed.ClopperPearson(2 * 0.05).High)
        );
    }
}
