using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a test answers from its state alone.</summary>
internal static class ExperimentAnswers
{
    public static ExperimentReply Describe(ExperimentState test) =>
        new()
        {
            ExperimentId = test.ExperimentId,
            Status = test.Stage,
            Definition = test.Definition,
            Current = VerdictRule.Of(test),
            Verdict = test.Verdict,
            Revision = test.Revision,
            Phase = test.Phase,
            Exposure = test.Exposure,
            StartAt = ExperimentState.Stamp(test.StartAt),
            StartedAt = ExperimentState.Stamp(test.StartedAt),
            History = { test.History },
            CopyOf = test.CopyOf,
            Promotion = PromotionSteps.Describe(test),
            RolloutOf = test.RolloutOf,
            RampCompleted = test.RampCompleted,
            HeldBack = test.HeldBack,
            CrossedUnits = test.Cells.Values.Sum(c => c.CrossedUnits),
            UntimelyOutcomes = test.Cells.Values.Sum(c => c.UntimelyOutcomes),
            WaitingOutcomes = test.Cells.Values.Sum(c => c.WaitingOutcomes),
            EndedAt = ExperimentState.Stamp(test.EndedAt),
            NextMaturesAt = test.NextMaturesAt is > 0 and var next ? new Timestamp { Seconds = next } : null,
            Holdout = test.HeldOut,
        };

    public static VerdictReply Judge(ExperimentState test, GetVerdict asked)
    {
        var d = test.Definition!;
        var rejection =
            asked.SequenceNr < 0 || asked.SequenceNr > test.SequenceNr
                ? Rejections.Invalid("sequence_nr", asked.SequenceNr, $"must be 0 to {test.SequenceNr}")
                : Question.Check(d, asked);
        return new VerdictReply
        {
            ExperimentId = test.ExperimentId,
            Verdict = rejection is null ? VerdictRule.Of(test, Question.Of(d, asked)) : null,
            Rejection = rejection,
        };
    }
}
