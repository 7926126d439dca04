using System.Collections.Immutable;
using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>All studies beside each other, as of one place in the journal. An event that is known already changes nothing.</summary>
/// <param name="Studies">By id.</param>
/// <param name="Offset">Of the newest event absorbed.</param>
public sealed record StudyList(ImmutableDictionary<string, ListedStudy> Studies, long Offset)
{
    public static readonly StudyList Empty = new(
        ImmutableDictionary.Create<string, ListedStudy>(StringComparer.Ordinal),
        0
    );

    public StudyList Apply(string studyId, IStudyStep step, long sequenceNr, long offset)
    {
        var known = Studies.GetValueOrDefault(studyId);
        if (known?.SequenceNr >= sequenceNr)
        {
            return this;
        }

        var study = known?.Clone() ?? new ListedStudy { StudyId = studyId };
        Describe(study, step);
        (study.ChangedAt, study.SequenceNr) = (step.Header?.At, sequenceNr);
        return new StudyList(Studies.SetItem(studyId, study), Math.Max(Offset, offset));
    }

    public StudiesReply Find(ListStudies asked)
    {
        if (Pages.Check(asked.PageSize, asked.PageToken) is { } rejection)
        {
            return new StudiesReply { Rejection = rejection };
        }

        var found = Studies
            .Values.Where(s => asked.Family.Length == 0 || s.Family == asked.Family)
            .Where(s => asked.Status == StudyStatus.Unspecified || s.Status == asked.Status)
            .OrderByDescending(s => s.ChangedAt?.ToDateTimeOffset())
            .ThenBy(s => s.StudyId, StringComparer.Ordinal)
            .ToArray();
        var (page, next) = Pages.Of(found, asked.PageSize, asked.PageToken, Mark);
        return new StudiesReply
        {
            Studies = { page },
            NextPageToken = next,
            Total = found.Length,
        };
    }

    private static string Mark(ListedStudy study) =>
        string.Create(CultureInfo.InvariantCulture, $"{study.SequenceNr},{study.StudyId}");

    private static void Describe(ListedStudy study, IStudyStep step)
    {
        switch (step)
        {
            case StudyStarted started:
                Define(study, started.Definition);
                study.Status = StudyStatus.Searching;
                (study.Author, study.StartedAt) = (started.Header?.Author ?? "", started.Header?.At);
                break;
            case StudyCancelled cancelled:
                (study.Status, study.Reason) = (StudyStatus.SearchCancelled, cancelled.Reason);
                break;
            case StudyResumed:
                (study.Status, study.Reason) = (StudyStatus.Searching, "");
                break;
            case StudyCompleted completed:
                study.Status = StudyStatus.SearchCompleted;
                (study.BestTrial, study.BestValue) = (completed.BestTrial, completed.BestValue);
                break;
            case StudyFailed failed:
                (study.Status, study.Reason) = (StudyStatus.SearchFailed, failed.Reason);
                break;
            case BestHandedOver over:
                (study.Registered, study.Reason) = (over.Refused.Length == 0, over.Refused);
                break;
            default:
                throw new NotSupportedException(step.GetType().Name);
        }
    }

    private static void Define(ListedStudy study, StudyDefinition d)
    {
        (study.Family, study.VersionId, study.DatasetHash) = (d.Family, d.VersionId, d.DatasetHash);
        (study.Objective, study.Method, study.Trials) = (d.Objective, d.Method, d.Trials);
    }
}
