using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a test answers from its state alone.</summary>
internal static class ExperimentAnswers
{
    public static ExperimentReply Describe(ExperimentState experiment) =>
        new()
        {
            ExperimentId = experiment.ExperimentId,
            Status = experiment.Stage,
            Definition = experiment.Definition,
            Current = VerdictRule.Of(experiment),
            Verdict = experiment.Verdict,
            Revision = experiment.Revision,
            Phase = experiment.Phase,
            Exposure = experiment.Exposure,
            StartAt = ExperimentState.Stamp(experiment.StartAt),
            StartedAt = ExperimentState.Stamp(experiment.StartedAt),
            History = { experiment.History },
            CopyOf = experiment.CopyOf,
            Promotion = PromotionSteps.Describe(experiment),
            RolloutOf = experiment.RolloutOf,
            RampCompleted = experiment.RampCompleted,
            HeldBack = experiment.HeldBack,
            CrossedUnits = experiment.Cells.Values.Sum(c => c.CrossedUnits),
            UntimelyOutcomes = experiment.Cells.Values.Sum(c => c.UntimelyOutcomes),
            WaitingOutcomes = experiment.Cells.Values.Sum(c => c.WaitingOutcomes),
            EndedAt = ExperimentState.Stamp(experiment.EndedAt),
            NextMaturesAt = experiment.NextMaturesAt is > 0 and var next ? new Timestamp { Seconds = next } : null,
            Holdout = experiment.HeldOut,
        };

    public static VerdictReply Judge(ExperimentState experiment, GetVerdict asked)
    {
        var d = experiment.Definition!;
        var rejection =
            asked.SequenceNr < 0 || asked.SequenceNr > experiment.SequenceNr
                ? Rejections.Invalid("sequence_nr", asked.SequenceNr, $"must be 0 to {experiment.SequenceNr}")
                : Question.Check(d, asked);
        return new VerdictReply
        {
            ExperimentId = experiment.ExperimentId,
            Verdict = rejection is null ? VerdictRule.Of(experiment, Question.Of(d, asked)) : null,
            Rejection = rejection,
        };
    }
}
