using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>From statistics to a verdict. A pure function of the test's events: the same events give the same bytes.</summary>
internal static class VerdictRule
{
    /// <summary>Raised when the same statistics may lead to another verdict.</summary>
    public const uint Version = 4;

    /// <summary>Below it, groups in particular, the variance between units is not known well enough.</summary>
    private const int FewestToVary = 20;

    /// <summary>Where the evidence stands, to the question the definition asks or to another.</summary>
    public static Verdict Of(ExperimentState experiment, Question? asked = null)
    {
        var (d, question) = (experiment.Definition!, asked ?? Question.Of(experiment.Definition!));
        var arms = experiment.Merged.Select(t => t.Value.ToMessage(t.Key)).ToArray();
        var verdict = new Verdict
        {
            Finding = Finding.Undecided,
            Recommendation = VerdictWords.Nothing(experiment, question),
            Warnings = { Warnings(experiment, d) },
            SampleRatio = { experiment.SampleRatio.Values },
            Arms = { arms },
            Method = question.Method,
            Alpha = question.Alpha,
            RuleVersion = Version,
            Phase = experiment.Phase,
            SequenceNr = experiment.SequenceNr,
            InputHash = Hash(d, arms),
        };
        if (InterimEvidence.Of(experiment, question) is not { } now)
        {
            return verdict;
        }

        verdict.Finding = now.Finding;
        verdict.Winner =
            now.Finding == Finding.ArmWins ? now.Leading.Arm
            : now.Finding == Finding.ControlWins ? d.Arms[0].Name
            : "";
        verdict.Recommendation = VerdictWords.Of(d, now, verdict.Winner);
        var all = now.All;
        foreach (var comparison in all)
        {
            ComparisonDetails.Add(experiment, comparison);
        }

        verdict.Evidence = now.Leading;
        verdict.Comparisons.AddRange(all);
        verdict.Guardrails.AddRange(now.Guardrails);
        verdict.UnitsStillNeeded = StillNeeded(experiment, now.Comparisons, now.Leading);
        if (
            question.IsPlanned
            && experiment.HasReachedHorizon(question.Metric)
            && !now.Primary.All(InterimEvidence.WasLookedAt)
        )
        {
            verdict.Warnings.Add(
                $"{question.Metric} was not looked at: too few units had a value when those planned for were in; if outcomes come later, say by delay_seconds when a unit counts"
            );
        }

        verdict.Warnings.AddRange(
            now.Primary.Where(c => c.Changed)
                .Select(c =>
                    $"the effect of {c.Arm} on {c.Metric} has changed over time: what was found stays until a new phase"
                )
        );
        return verdict;
    }

    /// <summary>What ends the collection by itself, once the evidence and the time suffice; else null.</summary>
    public static Verdict? Reached(ExperimentState experiment, DateTimeOffset now) =>
        Ends(experiment, FindingOf(experiment), now) ? Of(experiment) : null;

    /// <summary>What the finding alone would be.</summary>
    public static Finding FindingOf(ExperimentState experiment) =>
        InterimEvidence.Of(experiment)?.Finding ?? Finding.Undecided;

    /// <summary>
    /// Why nothing may follow from a finding yet: whatever ends a test, its evidence, a person or its time, must ask here before it
    /// acts. Empty: it may. Harm is never held back.
    /// </summary>
    public static string HeldBack(ExperimentState experiment, Finding finding, DateTimeOffset now)
    {
        var d = experiment.Definition!;
        if (finding is not (Finding.ArmWins or Finding.ControlWins or Finding.NoDifference))
        {
            return "";
        }

        var small = d.Arms.FirstOrDefault(a =>
            a.Weight > 0 && experiment.Totals(a.Name, d.Metric).Units < d.MinUnitsPerArm
        );
        return small is not null
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{small.Name} has fewer than {d.MinUnitsPerArm:N0} units"
                )
            : now < experiment.StartedAt + TimeSpan.FromSeconds(d.MinSeconds)
                ? string.Create(CultureInfo.InvariantCulture, $"the test has run for less than {d.MinSeconds:N0} s")
            : "";
    }

    private static bool Ends(ExperimentState experiment, Finding finding, DateTimeOffset now)
    {
        var d = experiment.Definition!;
        return finding switch
        {
            Finding.Harm => d.OnGuardrail != AutomaticAction.Wait,
            Finding.ArmWins or Finding.ControlWins or Finding.NoDifference => d.OnVerdict != AutomaticAction.Wait
                && HeldBack(experiment, finding, now).Length == 0,
            _ => false,
        };
    }

    private static IEnumerable<string> Warnings(ExperimentState experiment, ExperimentDefinition d)
    {
        foreach (var check in experiment.SampleRatio.Values.Where(c => c.AnytimeP < SampleRatio.Suspicious))
        {
            var p = check.AnytimeP.ToString("G3", CultureInfo.InvariantCulture);
            yield return experiment.Counts(check.Phase)
                ? $"sample-ratio mismatch in phase {check.Phase}: p = {p}"
                : $"sample-ratio mismatch in phase {check.Phase}: p = {p}; its units are left out";
        }

        foreach (
            var arm in d.Arms.Where(a => a.Weight > 0 && experiment.Totals(a.Name, d.Metric).Units < d.MinUnitsPerArm)
        )
        {
            yield return $"{arm.Name} has fewer than {d.MinUnitsPerArm.ToString("N0", CultureInfo.InvariantCulture)} units";
        }

        foreach (var arm in d.Arms.Where(a => experiment.Totals(a.Name, d.Metric).Units is > 0 and < FewestToVary))
        {
            yield return $"{arm.Name} has {experiment.Totals(arm.Name, d.Metric).Units} units: how much they vary is hardly known";
        }

        foreach (var warning in LeftOut.Of(experiment))
        {
            yield return warning;
        }
    }

    private static long StillNeeded(ExperimentState experiment, Comparisons comparisons, ArmComparison leading)
    {
        var d = experiment.Definition!;
        var more = d.ExpectedEffect > 0 ? comparisons.StillNeeded(leading.Arm) : 0;
        return double.IsInfinity(more) ? long.MaxValue : (long)Math.Ceiling(more * experiment.UnitsOf(d.Metric));
    }

    private static string Hash(ExperimentDefinition d, IEnumerable<ArmStatistics> arms)
    {
        var input = new ExperimentReply
        {
            Definition = d,
            Verdict = new Verdict { Arms = { arms } },
        };
        return Convert.ToHexStringLower(SHA256.HashData(input.ToByteArray()));
    }
}
