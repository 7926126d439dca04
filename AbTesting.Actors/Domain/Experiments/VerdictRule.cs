using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>From statistics to words. A pure function of the test's events: the same events give the same bytes.</summary>
internal static class VerdictRule
{
    /// <summary>Raised when the same statistics may lead to another verdict.</summary>
    public const uint Version = 2;

    /// <summary>Successes and failures an arm must have before a normal approximation is believed.</summary>
    private const double FewestCounts = 5;

    /// <summary>Where the evidence stands. Null before there are two arms with units.</summary>
    public static Verdict? Interim(TestState test, Question? question = null) => Compute(test, question, null);

    /// <summary>What ends the collection by itself, once the evidence and the time suffice; else null.</summary>
    public static Verdict? Reached(TestState test, DateTimeOffset now)
    {
        var d = test.Definition!;
        var verdict = Compute(test, null, null);
        if (verdict is null)
        {
            return null;
        }

        if (verdict.Finding == Finding.Harm)
        {
            return d.OnGuardrail == AutomaticAction.Wait ? null : verdict;
        }

        var enough =
            d.OnVerdict != AutomaticAction.Wait
            && now >= test.StartedAt + TimeSpan.FromSeconds(d.MinSeconds)
            && d.Arms.All(a => a.Weight == 0 || test.Totals(a.Name, d.Metric).Units >= d.MinUnitsPerArm);
        return enough && verdict.Finding is Finding.ArmWins or Finding.ControlWins or Finding.NoDifference
            ? verdict
            : null;
    }

    /// <summary>What can be said when collection ends now.</summary>
    public static Verdict Final(TestState test, string reason) =>
        Compute(test, null, reason)
        ?? new Verdict
        {
            Finding = Finding.Undecided,
            Recommendation = $"Stopped ({reason}) before two arms had units: nothing can be said.",
            RuleVersion = Version,
            Phase = test.Phase,
            SequenceNr = test.SequenceNr,
            Method = test.Definition!.Method,
            Alpha = test.Definition.Alpha,
        };

    private static Verdict? Compute(TestState test, Question? asked, string? stopped)
    {
        if (test.Definition is not { } d)
        {
            return null;
        }

        var question = asked ?? Question.Of(d);
        var comparisons = new Comparisons(test, question);
        var all = comparisons.All();
        var primary = all.Where(c => c.Role == MetricRole.Primary).ToArray();
        if (primary.Length == 0)
        {
            return null;
        }

        var harm = comparisons.Harm().Where(h => h.P < question.Alpha).ToArray();
        var (finding, leading) = Find(test, question, comparisons, primary);
        finding =
            IsSplitBroken(test) ? Finding.Blocked
            : harm.Length > 0 ? Finding.Harm
            : finding;
        var winner =
            finding == Finding.ArmWins ? leading.Arm
            : finding == Finding.ControlWins ? d.Arms[0].Name
            : "";
        var arms = test.Merged.Select(t => t.Value.ToMessage(t.Key)).ToArray();
        return new Verdict
        {
            Finding = finding,
            Winner = winner,
            Recommendation = Words(d, question, leading, finding, winner, harm, stopped),
            Warnings = { Warnings(test, d) },
            Evidence = leading,
            Comparisons = { all },
            SampleRatio = { test.SampleRatio.Values },
            Arms = { arms },
            Method = question.Method,
            Alpha = question.Alpha,
            RuleVersion = Version,
            Phase = test.Phase,
            SequenceNr = test.SequenceNr,
            InputHash = Hash(d, arms),
            UnitsStillNeeded = StillNeeded(test, comparisons, leading),
        };
    }

    /// <summary>The arm to speak about, and what its primary metric shows.</summary>
    private static (Finding Finding, Comparison Leading) Find(
        TestState test,
        Question question,
        Comparisons comparisons,
        Comparison[] primary
    )
    {
        var d = test.Definition!;
        var sign = d.Metrics.First(m => m.Name == question.Metric).LowerIsBetter ? -1 : 1;
        var shown = primary.Where(c => IsShown(test, question, comparisons, c)).ToArray();
        var best = shown.Where(c => sign * c.Effect > 0).MaxBy(c => sign * c.Effect);
        if (best is not null)
        {
            return (Finding.ArmWins, best);
        }

        var leading = primary.MaxBy(c => sign * c.Effect)!;
        return shown.Length == primary.Length ? (Finding.ControlWins, leading)
            : IsOver(test, question) || primary.All(c => IsWithin(d.ExpectedEffect, c))
                ? (Finding.NoDifference, leading)
            : (Finding.Undecided, leading);
    }

    private static bool IsShown(TestState test, Question question, Comparisons comparisons, Comparison c)
    {
        if (HasTooFewCounts(test, question, c))
        {
            return false;
        }

        return question.Method switch
        {
            Method.GroupSequential => test.IsAtLook && Math.Abs(c.Effect / c.StandardError) >= comparisons.LookLimit,
            Method.FixedHorizon => IsOver(test, question) && c.AdjustedP < question.Alpha,
            Method.Bayesian => Math.Min(c.ExpectedLoss, c.ExpectedLoss + c.Effect) < test.Definition!.PlausibleEffect
                && Math.Max(c.ChanceToWin, 1 - c.ChanceToWin) > 1 - question.Alpha,
            _ => c.AdjustedP < question.Alpha,
        };
    }

    /// <summary>The evidence planned for is in.</summary>
    private static bool IsOver(TestState test, Question question) =>
        question.Method is Method.FixedHorizon or Method.GroupSequential
        && test.Definition!.HorizonUnits > 0
        && test.UnitsOf(question.Metric) >= test.Definition.HorizonUnits;

    /// <summary>All effects that are not refuted are too small to matter.</summary>
    private static bool IsWithin(double expected, Comparison c) =>
        expected > 0 && c.StandardError > 0 && c.EffectLow > -expected && c.EffectHigh < expected;

    private static bool HasTooFewCounts(TestState test, Question question, Comparison c)
    {
        if (test.Definition!.Metrics.First(m => m.Name == question.Metric).Kind != MetricKind.Binary)
        {
            return c.StandardError <= 0;
        }

        return new[] { test.Definition.Arms[0].Name, c.Arm }
            .Select(arm => test.Totals(arm, question.Metric))
            .Any(t => t.Converted <= FewestCounts || t.Units - t.Converted <= FewestCounts);
    }

    private static bool IsSplitBroken(TestState test) =>
        test.SampleRatio.Values.Any(s => Math.Min(s.AnytimeP, s.ChiSquareP) < SampleRatio.Broken);

    private static IEnumerable<string> Warnings(TestState test, TestDefinition d)
    {
        foreach (var check in test.SampleRatio.Values)
        {
            var p = Math.Min(check.AnytimeP, check.ChiSquareP);
            if (p < SampleRatio.Suspicious)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"sample-ratio mismatch in phase {check.Phase}: p = {p:G3}"
                );
            }
        }

        foreach (var arm in d.Arms.Where(a => a.Weight > 0 && test.Totals(a.Name, d.Metric).Units < d.MinUnitsPerArm))
        {
            yield return $"{arm.Name} has fewer than {d.MinUnitsPerArm.ToString("N0", CultureInfo.InvariantCulture)} units";
        }
    }

    private static long StillNeeded(TestState test, Comparisons comparisons, Comparison leading)
    {
        var d = test.Definition!;
        if (d.ExpectedEffect <= 0 || comparisons.EffectOf(leading.Arm) is not { } effect)
        {
            return 0;
        }

        var more = SampleSize.StillNeeded(effect, d.ExpectedEffect, d.Power, comparisons.Undecided);
        return double.IsInfinity(more) ? long.MaxValue : (long)Math.Ceiling(more * test.UnitsOf(d.Metric));
    }

    private static string Words(
        TestDefinition d,
        Question question,
        Comparison e,
        Finding finding,
        string winner,
        (Guardrail Guardrail, string Arm, double P)[] harm,
        string? stopped
    )
    {
        var isRate = d.Metrics.First(m => m.Name == question.Metric).Kind == MetricKind.Binary;
        var (scale, unit) = isRate ? (100, " points") : (1, "");
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"{e.Arm} changes {e.Metric} by {scale * e.Effect:F2}{unit} ({scale * e.EffectLow:F2} to {scale * e.EffectHigh:F2}), p = {e.AdjustedP:G3}, {MethodName(question.Method)}"
        );
        var head = finding switch
        {
            Finding.Blocked => "No verdict: the split itself is broken (sample-ratio mismatch)",
            Finding.Harm => $"Stop {harm[0].Arm}: it makes {harm[0].Guardrail.Metric} worse than its margin allows",
            Finding.ArmWins => $"Promote {winner}",
            Finding.ControlWins => $"Keep {winner}",
            _ => "No difference shown",
        };
        return stopped is null ? $"{head}: {numbers}." : $"{head}: {numbers}. Stopped: {stopped}.";
    }

    private static string MethodName(Method method) =>
        method switch
        {
            Method.AlwaysValid => "always valid",
            Method.Msprt => "mSPRT",
            Method.GroupSequential => "group sequential",
            Method.FixedHorizon => "fixed horizon",
            _ => "Bayesian",
        };

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
