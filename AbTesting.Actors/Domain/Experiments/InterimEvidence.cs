using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What the statistics say, before anybody puts it into words. Cheap enough for every report.</summary>
/// <param name="Primary">Of every arm that has units.</param>
/// <param name="Leading">The one of them the finding is about.</param>
/// <param name="Guardrails">All, broken or not.</param>
internal sealed record InterimEvidence(
    Question Question,
    Comparisons Comparisons,
    IReadOnlyList<ArmComparison> Primary,
    Finding Finding,
    ArmComparison Leading,
    GuardrailEvidence[] Guardrails
)
{
    /// <summary>Guardrails that are broken.</summary>
    public IEnumerable<GuardrailEvidence> Harm => Guardrails.Where(g => g.Crossing is not null);

    /// <summary>All metrics, in the order of the definition: the primary one first.</summary>
    public IReadOnlyList<ArmComparison> All => [.. Primary, .. Comparisons.OfOthers()];

    /// <summary>Null before there are two arms with units.</summary>
    public static InterimEvidence? Of(ExperimentState experiment, Question? asked = null)
    {
        if (experiment.Definition is not { } d)
        {
            return null;
        }

        var question = asked ?? Question.Of(d);
        var comparisons = new Comparisons(experiment, question);
        var primary = comparisons.OfPrimary();
        if (primary.Count == 0)
        {
            return null;
        }

        GuardrailEvidence[] guardrails = [.. comparisons.Guardrails()];
        var (finding, leading) = Find(experiment, question, primary);
        finding =
            experiment.IsSplitBroken(experiment.Phase) ? Finding.Blocked
            : guardrails.Any(g => g.Crossing is not null) ? Finding.Harm
            : finding;
        return new InterimEvidence(question, comparisons, primary, finding, leading, guardrails);
    }

    /// <summary>The arm to speak about, and what its primary metric shows.</summary>
    private static (Finding Finding, ArmComparison Leading) Find(
        ExperimentState experiment,
        Question question,
        IReadOnlyList<ArmComparison> primary
    )
    {
        var d = experiment.Definition!;
        var sign = d.Metrics.First(m => m.Name == question.Metric).LowerIsBetter ? -1 : 1;
        var best = primary.Where(c => c.Crossing?.Side == sign).MaxBy(c => sign * c.Effect);
        if (best is not null)
        {
            return (Finding.ArmWins, best);
        }

        var open = primary.Where(c => c.Crossing is null).ToArray();
        var leading = (open.Length > 0 ? open : primary).MaxBy(c => sign * c.Effect)!;
        return open.Length == 0 ? (Finding.ControlWins, leading)
            : IsOver(experiment, question, primary) || primary.All(c => c.Settled) ? (Finding.NoDifference, leading)
            : (Finding.Undecided, leading);
    }

    /// <summary>The evidence planned for is in, and was looked at.</summary>
    private static bool IsOver(ExperimentState experiment, Question question, IReadOnlyList<ArmComparison> primary) =>
        question.IsPlanned && experiment.HasReachedHorizon(question.Metric) && primary.All(WasLookedAt);

    /// <summary>A look leaves an interval.</summary>
    public static bool WasLookedAt(ArmComparison c) => double.IsFinite(c.EffectLow) || double.IsFinite(c.LiftLow);
}
