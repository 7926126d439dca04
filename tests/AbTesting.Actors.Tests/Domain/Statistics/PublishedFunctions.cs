using System.Text.Json;
using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>The cases other projects test themselves with.</summary>
internal static class PublishedFunctions
{
    public static bool Check(Vector v) => PublishedCounts.Check(v) || Effects(v) || Beliefs(v) || Powers(v);

    private static bool Effects(Vector v)
    {
        switch (v.Function)
        {
            case "difference" when v.Says("mean_a", "mean_b", "relative"):
                var (a, b) = (new Moments(10, v.In("mean_a"), 1), new Moments(10, v.In("mean_b"), 1));
                var relative = v.Input.GetProperty("relative").GetBoolean();
                v.Check("diff", (relative ? Effect.Relative(a, b) : Effect.Absolute(a, b)).Value);
                return true;
            case "sample_variance" when v.Says("values"):
                v.Check("mean", Moments.Of(v.Numbers("values")).Mean);
                v.Check("variance", Moments.Of(v.Numbers("values")).Variance);
                return true;
            case "two_sided_t":
            case "one_sided_greater_t":
            case "one_sided_lesser_t":
            case "sequential_two_sided_t":
            case "sequential_one_sided_greater_t":
            case "sequential_one_sided_lesser_t":
                if (!v.Says("a", "b", "difference", "tuning") || !v.HasSamples)
                {
                    return false;
                }

                var effect = EffectOf(v);
                if (effect.IsUndefined)
                {
                    // The source's answer to "nothing can be said" is zero beside no p.
                    return false;
                }

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
                if (
                    !v.Says("a", "b", "difference", "prior", "prior_type")
                    || !v.HasSamples
                    || Belief(v) is not { } belief
                )
                {
                    return false;
                }

                v.Check("expected", belief.Mean);
                v.Check("mean", belief.Mean);
                v.Check("stddev", belief.StandardDeviation);
                v.Check("chance_to_win", belief.ChanceToWin);
                v.Check("ci", belief.Credible(0.05));
                v.Check("risk", new Interval(belief.LossOfKeeping, belief.LossOfTaking));
                return true;
            case "risk" when v.Says("mu", "sigma"):
                var sharp = new NormalPosterior(v.In("mu"), v.In("sigma"));
                v.Check("risk", new Interval(sharp.LossOfKeeping, sharp.LossOfTaking));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Null: its prior is of no kind that is ours.</summary>
    private static NormalPosterior? Belief(Vector v)
    {
        var effect = EffectOf(v);
        if (!v.Input.TryGetProperty("prior", out var prior) || prior.ValueKind == JsonValueKind.Null)
        {
            return NormalPosterior.Of(effect);
        }

        if (prior.ValueKind == JsonValueKind.String)
        {
            return prior.GetString() == "improper flat" ? NormalPosterior.Of(effect) : null;
        }

        if (
            prior.EnumerateObject().Any(p => p.Name is not ("mean" or "variance" or "proper" or "type" or "prior_type"))
        )
        {
            return null;
        }

        if (prior.TryGetProperty("proper", out var proper) && !proper.GetBoolean())
        {
            return NormalPosterior.Of(effect);
        }

        var (mean, variance) = (prior.GetProperty("mean").GetDouble(), prior.GetProperty("variance").GetDouble());
        var isRelative = v.Input.TryGetProperty("difference", out var kind) && kind.GetString() == "relative";
        return (PriorType(v, prior), isRelative) switch
        {
            ("relative", false) => NormalPosterior.OfRelativePrior(effect, v.Sample("a").Mean, mean, variance),
            ("absolute", true) => NormalPosterior.OfAbsolutePrior(effect, v.Sample("a").Mean, mean, variance),
            _ => NormalPosterior.Of(effect, mean, variance),
        };
    }

    /// <summary>Empty: what the effect is.</summary>
    private static string PriorType(Vector v, JsonElement prior) =>
        prior.TryGetProperty("type", out var type)
        || prior.TryGetProperty("prior_type", out type)
        || v.Input.TryGetProperty("prior_type", out type)
            ? type.GetString() ?? ""
            : "";

    private static bool Powers(Vector v)
    {
        switch (v.Function)
        {
            case "ttest_power_one_sample" when v.Says("effect", "nobs", "alpha", "alternative"):
                v.Check("power", Power.OneSampleT(v.In("effect"), v.In("nobs"), v.In("alpha"), Side(v)));
                return true;
            case "ttest_power_two_sample" when v.Says("effect", "nobs1", "alpha", "ratio", "alternative"):
                v.Check(
                    "power",
                    Power.TwoSampleT(v.In("effect"), v.In("nobs1"), v.In("alpha"), v.In("ratio"), Side(v))
                );
                return true;
            case "normal_power_two_sample" when v.Says("effect", "nobs1", "alpha", "ratio", "alternative"):
                v.Check("power", Power.Normal(v.In("effect"), v.In("nobs1"), v.In("alpha"), v.In("ratio"), Side(v)));
                return true;
            case "chisquare_gof_power" when v.Says("w", "nobs", "n_bins", "alpha"):
                v.Check("power", Power.ChiSquareFit(v.In("w"), v.In("nobs"), (int)v.In("n_bins"), v.In("alpha")));
                return true;
            case "scaling_factor_freq":
            case "scaling_factor_bayes":
                if (!SaysPower(v))
                {
                    return false;
                }

                // The source halves until the power is within 1e-5 of its target; that is 1e-3 of the factor.
                (v with { Tolerance = 1e-4 }).Check("scaling_factor", StillNeeded(v));
                return true;
            default:
                return false;
        }
    }

    private static bool SaysPower(Vector v) =>
        v.Says("a", "b", "difference", "alpha", "target_power", "target_mde", "goal_metrics", "variations", "prior")
        && v.HasSamples
        && v.Means("goal_metrics", 1)
        && v.Means("variations", 2)
        && v.Expected.TryGetProperty("scaling_factor", out var factor)
        && factor.ValueKind == JsonValueKind.Number
        && (
            !v.Input.TryGetProperty("prior", out var prior)
            || (prior.ValueKind == JsonValueKind.Object && !prior.TryGetProperty("proper", out _))
        );

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
            "larger" or "greater" => Alternative.Larger,
            "smaller" or "less" => Alternative.Smaller,
            _ => Alternative.TwoSided,
        };
}
