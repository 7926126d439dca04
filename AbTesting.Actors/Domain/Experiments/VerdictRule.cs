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
    public const uint Version = 4;

    /// <summary>Below it, groups in particular, the variance between units is not known well enough.</summary>
    private const int FewestToVary = 20;

    /// <summary>Where the evidence stands, to the question the definition asks or to another.</summary>
    public static Verdict Of(TestState test, Question? asked = null)
    {
        var (d, question) = (test.Definition!, asked ?? Question.Of(test.Definition!));
        var arms = test.Merged.Select(t => t.Value.ToMessage(t.Key)).ToArray();
        var verdict = new Verdict
        {
            Finding = Finding.Undecided,
            Recommendation = "Nothing can be said before two arms have units.",
            Warnings = { Warnings(test, d) },
            SampleRatio = { test.SampleRatio.Values },
            Arms = { arms },
            Method = question.Method,
            Alpha = question.Alpha,
            RuleVersion = Version,
            Phase = test.Phase,
            SequenceNr = test.SequenceNr,
            InputHash = Hash(d, arms),
        };
        if (Standing.Of(test, question, inFull: true) is not { } now)
        {
            return verdict;
        }

        verdict.Finding = now.Finding;
        verdict.Winner =
            now.Finding == Finding.ArmWins ? now.Leading.Arm
            : now.Finding == Finding.ControlWins ? d.Arms[0].Name
            : "";
        verdict.Recommendation = Words(d, now, verdict.Winner);
        verdict.Evidence = now.Leading;
        verdict.Comparisons.AddRange(now.All);
        verdict.UnitsStillNeeded = StillNeeded(test, now.Comparisons, now.Leading);
        return verdict;
    }

    /// <summary>What ends the collection by itself, once the evidence and the time suffice; else null.</summary>
    public static Verdict? Reached(TestState test, DateTimeOffset now) =>
        Ends(test, FindingOf(test), now) ? Of(test) : null;

    /// <summary>What the finding alone would be.</summary>
    public static Finding FindingOf(TestState test) =>
        Standing.Of(test, null, inFull: false)?.Finding ?? Finding.Undecided;

    private static bool Ends(TestState test, Finding finding, DateTimeOffset now)
    {
        var d = test.Definition!;
        if (finding == Finding.Harm)
        {
            return d.OnGuardrail != AutomaticAction.Wait;
        }

        return finding is Finding.ArmWins or Finding.ControlWins or Finding.NoDifference
            && d.OnVerdict != AutomaticAction.Wait
            && now >= test.StartedAt + TimeSpan.FromSeconds(d.MinSeconds)
            && d.Arms.All(a => a.Weight == 0 || test.Totals(a.Name, d.Metric).Units >= d.MinUnitsPerArm);
    }

    private static IEnumerable<string> Warnings(TestState test, TestDefinition d)
    {
        foreach (var check in test.SampleRatio.Values)
        {
            if (check.AnytimeP < SampleRatio.Suspicious)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"sample-ratio mismatch in phase {check.Phase}: p = {check.AnytimeP:G3}"
                );
            }
        }

        foreach (var arm in d.Arms.Where(a => a.Weight > 0 && test.Totals(a.Name, d.Metric).Units < d.MinUnitsPerArm))
        {
            yield return $"{arm.Name} has fewer than {d.MinUnitsPerArm.ToString("N0", CultureInfo.InvariantCulture)} units";
        }

        foreach (var arm in d.Arms.Where(a => test.Totals(a.Name, d.Metric).Units is > 0 and < FewestToVary))
        {
            yield return $"{arm.Name} has {test.Totals(arm.Name, d.Metric).Units} units: how much they vary is hardly known";
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

    private static string Words(TestDefinition d, Standing now, string winner)
    {
        var e = now.Leading;
        var isRate = d.Metrics.First(m => m.Name == e.Metric).Kind == MetricKind.Binary;
        // Where the effect has no interval in its own unit, the lift is told.
        var isLift = !double.IsFinite(e.EffectLow) && double.IsFinite(e.LiftLow);
        var (value, low, high) = isLift ? (e.Lift, e.LiftLow, e.LiftHigh) : (e.Effect, e.EffectLow, e.EffectHigh);
        var (scale, unit) =
            isLift ? (100, " %")
            : isRate ? (100, " points")
            : (1, "");
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"{e.Arm} changes {e.Metric} by {scale * value:F2}{unit} ({scale * low:F2} to {scale * high:F2}), p = {e.AdjustedP:G3}, {MethodName(now.Question.Method)}"
        );
        var head = now.Finding switch
        {
            Finding.Blocked => "No verdict: the split itself is broken (sample-ratio mismatch)",
            Finding.Harm =>
                $"Stop {now.Harm[0].Arm}: it makes {now.Harm[0].Guardrail.Metric} worse than its margin allows",
            Finding.ArmWins => $"Promote {winner}",
            Finding.ControlWins => $"Keep {winner}",
            _ => "No difference shown",
        };
        return $"{head}: {numbers}.";
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
