using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study answers whoever asks.</summary>
internal static class StudyAnswers
{
    public static IWireMessage To(StudyState study, IQuery query) =>
        query is not (GetStudy or GetTrials or GetStudyReport) ? throw new NotSupportedException(query.GetType().Name)
        : study.Started is null ? new NotFoundReply { Region = RegionNames.Study, EntityId = study.StudyId }
        : query switch
        {
            GetTrials trials => Trials(study, trials),
            GetStudyReport => new StudyReportReply { Study = Describe(study), Trials = { study.Trials } },
            _ => Describe(study),
        };

    private static StudyReply Describe(StudyState study) =>
        new()
        {
            StudyId = study.StudyId,
            Status = study.Phase,
            Definition = study.Definition,
            Started = study.Trials.Count,
            Running = study.UnderWay.Count(),
            Completed = study.Trials.Count(t => t.Outcome == TrialOutcome.TrialCompleted),
            Pruned = study.Trials.Count(t => t.Outcome == TrialOutcome.TrialPruned),
            Failed = study.Trials.Count(t => t.Outcome == TrialOutcome.TrialFailed),
            Best = study.Best,
            Reason = study.HandedOver is { Refused.Length: > 0 } refused ? refused.Refused : study.Reason,
            Registered = study.HandedOver is { Refused: "" },
            Epochs = study.Trials.Sum(t => (long)t.Values.Count),
            NotEvaluated = study.EvaluationAsked?.Refused ?? "",
            Importances = { ParameterImportances.Of(study.Definition, study.Trials) },
            Warnings = { ParameterImportances.Warnings(study.Definition, study.Trials) },
        };

    private static TrialsReply Trials(StudyState study, GetTrials q)
    {
        var count = q.Count == 0 ? 100 : Math.Clamp(q.Count, 1, 1_000);
        return new TrialsReply
        {
            StudyId = study.StudyId,
            Trials = { study.Trials.Skip(Math.Max(0, q.From - 1)).Take(count) },
        };
    }
}
