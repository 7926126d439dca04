using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Retrainings;

/// <summary>The test of a version that was trained anew: how it is defined, and what its end means.</summary>
internal static class RetrainingTest
{
    public const string Champion = "champion";
    public const string Retrained = "retrained";

    private const int Half = 5_000;

    public static ExperimentDefinition Definition(
        RetrainingPlan plan,
        RetrainingPrepared prepared,
        string versionId,
        string champion
    )
    {
        var definition = plan.Experiment.Clone();
        definition.Family = prepared.Family;
        definition.Arms.Add(
            new Arm
            {
                Name = Champion,
                Weight = Half,
                VersionId = champion,
            }
        );
        definition.Arms.Add(
            new Arm
            {
                Name = Retrained,
                Weight = Half,
                VersionId = versionId,
            }
        );
        if (definition.OnVerdict == AutomaticAction.Unspecified)
        {
            definition.OnVerdict = AutomaticAction.Promote;
        }

        return definition;
    }

    /// <returns>Null: it has not ended.</returns>
    public static RetrainingEnded? End(ExperimentReply test, string versionId)
    {
        var finding = test.Verdict is { Recommendation: { Length: > 0 } words } ? words : "no verdict";
        var hasWon = test.Verdict?.Winner == Retrained;
        return test.Status switch
        {
            ExperimentStatus.Promoted when hasWon => Ended(
                RetrainingOutcome.RetrainingWon,
                $"{versionId} is the champion: {finding}"
            ),
            ExperimentStatus.Promoted => Ended(RetrainingOutcome.RetrainingNotBetter, $"the champion stays: {finding}"),
            ExperimentStatus.RolledBack => Ended(
                hasWon ? RetrainingOutcome.RetrainingTakenBack : RetrainingOutcome.RetrainingNotBetter,
                LastWords(test)
            ),
            // A winner waits for its promotion.
            ExperimentStatus.Decided when !hasWon => Ended(
                RetrainingOutcome.RetrainingNotBetter,
                $"the champion stays: {finding}"
            ),
            ExperimentStatus.Archived => Ended(RetrainingOutcome.RetrainingNotTested, LastWords(test)),
            _ => null,
        };
    }

    /// <summary>What it waits for.</summary>
    public static string Waits(ExperimentReply test) =>
        test switch
        {
            { Status: ExperimentStatus.Decided, Promotion: null, HeldBack.Length: > 0 } =>
                $"its test {test.ExperimentId} has a winner that is not promoted by itself: {test.HeldBack}",
            { Status: ExperimentStatus.Decided, Promotion: null } =>
                $"its test {test.ExperimentId} has a winner: promote it, or roll the test back",
            { Status: ExperimentStatus.Decided } => $"the promotion by its test {test.ExperimentId}",
            { Status: ExperimentStatus.Paused } => $"its test {test.ExperimentId} is paused",
            _ => $"the verdict of its test {test.ExperimentId}",
        };

    private static RetrainingEnded Ended(RetrainingOutcome outcome, string reason) =>
        new() { Outcome = outcome, Reason = reason };

    private static string LastWords(ExperimentReply test) =>
        test.History.LastOrDefault() is { } last ? $"{last.What}: {last.Reason}" : $"{test.Status}";
}
