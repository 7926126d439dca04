using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>Which trial is better.</summary>
internal static class TrialRanking
{
    public static string MetricOf(Objective objective) =>
        objective == Objective.ValidLogLoss ? "valid_log_loss" : "valid_auc";

    /// <summary>Higher is better, whatever the objective; what is not a number is worse than any.</summary>
    public static double Score(Objective objective, double value) =>
        double.IsNaN(value) ? double.NegativeInfinity
        : objective == Objective.ValidLogLoss ? -value
        : value;

    /// <summary>Completed trials by value, then pruned ones by how far they came and their value, then failed ones.</summary>
    public static ImmutableArray<Trial> BestFirst(Objective objective, IEnumerable<Trial> closed) =>
        [
            .. closed
                .OrderBy(t => t.Outcome)
                .ThenByDescending(t => t.Outcome == TrialOutcome.TrialPruned ? t.Epoch : 0)
                .ThenByDescending(t => Score(objective, t.Value))
                .ThenBy(t => t.Number),
        ];

    /// <summary>The best completed trial; of equal ones the first. <c>null</c> when none has completed.</summary>
    public static Trial? Best(Objective objective, IEnumerable<Trial> trials) =>
        trials
            .Where(t => t.Outcome == TrialOutcome.TrialCompleted)
            .OrderByDescending(t => Score(objective, t.Value))
            .ThenBy(t => t.Number)
            .FirstOrDefault();
}
