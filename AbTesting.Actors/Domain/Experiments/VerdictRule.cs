using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using MathNet.Numerics.Distributions;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// From statistics to words. Always-valid by default: an asymptotic confidence sequence (Waudby-Smith et al.,
/// arXiv 2103.06476) may be looked at after every report. A sample-ratio mismatch blocks the verdict.
/// </summary>
internal static class VerdictRule
{
    public const uint Version = 1;

    /// <summary>Below this the split itself is broken, and no difference between the arms can be trusted.</summary>
    public const double BlockingSrm = 0.001;

    /// <summary>Total units at which the confidence sequence is tightest.</summary>
    private const double TunedFor = 5000;

    /// <summary>Where the evidence stands. Null before there are two arms with units.</summary>
    public static Verdict? Interim(TestState test) => Compute(test, null);

    /// <summary>The verdict, once the evidence suffices; else null.</summary>
    public static Verdict? Reached(TestState test)
    {
        var d = test.Definition!;
        var totals = test.Totals;
        if (d.Arms.Any(a => a.Weight > 0 && totals.GetValueOrDefault(a.Name).Units < d.MinUnitsPerArm))
        {
            return null;
        }

        var verdict = Compute(test, null);
        var horizon = d.Method == DefinitionRules.FixedHorizon && totals.Values.Sum(t => t.Units) >= d.HorizonUnits;
        return verdict is { Winner.Length: > 0 } && (d.Method == DefinitionRules.AlwaysValid || horizon) ? verdict
            : horizon ? verdict
            : null;
    }

    /// <summary>What can be said when collection ends now.</summary>
    public static Verdict Final(TestState test, string reason) =>
        Compute(test, reason)
        ?? new Verdict
        {
            Recommendation = $"Stopped ({reason}) before two arms had units: nothing can be said.",
            RuleVersion = Version,
            Phase = test.Phase,
            SequenceNr = test.SequenceNr,
        };

    private static Verdict? Compute(TestState test, string? stopped)
    {
        if (test.Definition is not { } d)
        {
            return null;
        }

        var totals = test.Totals;
        var control = totals.GetValueOrDefault(d.Arms[0].Name);
        var rivals = d.Arms.Skip(1).Where(a => totals.GetValueOrDefault(a.Name).Units > 0).ToArray();
        if (rivals.Length == 0 || control.Units == 0)
        {
            return null;
        }

        // Bonferroni over the comparisons with the control keeps the error of the whole test at alpha.
        var alpha = d.Alpha / (d.Arms.Count - 1);
        var best = rivals
            .Select(a => (Arm: a, Evidence: Compare(control, totals[a.Name], alpha, d.Method)))
            .OrderBy(c => c.Evidence.PValue)
            .ThenBy(c => c.Arm.Name, StringComparer.Ordinal)
            .First();
        best.Evidence.SrmP = SampleRatio(d, totals);
        var significant = best.Evidence.PValue < alpha && best.Evidence.SrmP >= BlockingSrm;
        var winner =
            !significant ? ""
            : best.Evidence.Effect > 0 ? best.Arm.Name
            : d.Arms[0].Name;
        var arms = totals.Select(t => t.Value.ToMessage(new ArmKey(test.Phase, t.Key))).ToArray();
        return new Verdict
        {
            Winner = winner,
            Recommendation = Words(d, best.Arm.Name, best.Evidence, winner, stopped),
            Arms = { arms },
            Evidence = best.Evidence,
            RuleVersion = Version,
            Phase = test.Phase,
            SequenceNr = test.SequenceNr,
            InputHash = Hash(d, arms),
        };
    }

    private static Evidence Compare(ArmTotals control, ArmTotals rival, double alpha, string method)
    {
        var (chi, yates) = ChiSquare(control, rival);
        var effect = rival.Rate - control.Rate;
        var variance = control.Rate * (1 - control.Rate) / control.Units + rival.Rate * (1 - rival.Rate) / rival.Units;
        var evidence = new Evidence
        {
            Method = method,
            Effect = effect,
            ChiSquare = chi,
            ChiSquareP = Tail(chi),
            Yates = yates,
            YatesP = Tail(yates),
        };
        double half;
        if (method == DefinitionRules.AlwaysValid)
        {
            (evidence.Statistic, evidence.PValue, half) = AlwaysValid(
                effect,
                variance,
                control.Units + rival.Units,
                alpha
            );
        }
        else
        {
            (evidence.Statistic, evidence.PValue) = (chi, evidence.ChiSquareP);
            half = Normal.InvCDF(0, 1, 1 - alpha / 2) * Math.Sqrt(variance);
        }

        (evidence.EffectLow, evidence.EffectHigh) = (effect - half, effect + half);
        return evidence;
    }

    private static (double E, double P, double Half) AlwaysValid(double effect, double variance, double n, double alpha)
    {
        if (variance <= 0)
        {
            return (0, 1, 1);
        }

        var rho2 = (-2 * Math.Log(alpha) + Math.Log(1 - 2 * Math.Log(alpha))) / TunedFor;
        var spread = n * rho2 + 1;
        var logE = rho2 * effect * effect * n / variance / (2 * spread) - Math.Log(spread) / 2;
        var half = Math.Sqrt(variance * n * 2 * spread / (n * n * rho2) * Math.Log(Math.Sqrt(spread) / alpha));
        return (logE, Math.Min(1, Math.Exp(-logE)), half);
    }

    /// <summary>Pearson 1900 and Yates 1934 on the 2x2 table; 0 when a row or column is empty.</summary>
    private static (double Pearson, double Yates) ChiSquare(ArmTotals one, ArmTotals two)
    {
        double a = one.Converted,
            b = one.Units - one.Converted,
            c = two.Converted,
            d = two.Units - two.Converted;
        var n = a + b + c + d;
        var margins = (a + b) * (c + d) * (a + c) * (b + d);
        if (margins == 0)
        {
            return (0, 0);
        }

        var cross = Math.Abs(a * d - b * c);
        var corrected = Math.Max(0, cross - n / 2);
        return (n * cross * cross / margins, n * corrected * corrected / margins);
    }

    private static double SampleRatio(TestDefinition d, IReadOnlyDictionary<string, ArmTotals> totals)
    {
        var arms = d.Arms.Where(a => a.Weight > 0).ToArray();
        double n = arms.Sum(a => totals.GetValueOrDefault(a.Name).Units);
        var statistic = arms.Sum(a =>
        {
            var expected = n * a.Weight / DefinitionRules.AllUnits;
            var observed = totals.GetValueOrDefault(a.Name).Units;
            return (observed - expected) * (observed - expected) / expected;
        });
        return 1 - ChiSquared.CDF(arms.Length - 1, statistic);
    }

    private static double Tail(double chiSquare) => MathNet.Numerics.SpecialFunctions.Erfc(Math.Sqrt(chiSquare / 2));

    private static string Words(TestDefinition d, string rival, Evidence e, string winner, string? stopped)
    {
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"{rival} changes {d.Metric} by {100 * e.Effect:F2} points ({100 * e.EffectLow:F2} to {100 * e.EffectHigh:F2}), p = {e.PValue:G3}, {e.Method}"
        );
        var head =
            e.SrmP < BlockingSrm
                ? $"No verdict: the split itself is broken (sample-ratio mismatch, p = {e.SrmP.ToString("G3", CultureInfo.InvariantCulture)})"
            : winner.Length == 0 ? "No difference shown"
            : winner == rival ? $"Promote {winner}"
            : $"Keep {winner}";
        return stopped is null ? $"{head}: {numbers}." : $"{head}: {numbers}. Stopped: {stopped}.";
    }

    private static string Hash(TestDefinition d, IEnumerable<ArmStatistics> arms)
    {
        var input = new TestReply
        {
            Definition = d,
            Verdict = new Verdict { Arms = { arms } },
        };
        return Convert.ToHexStringLower(SHA256.HashData(input.ToByteArray()));
    }
}
