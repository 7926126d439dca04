using Ralm.Models.Artifacts;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>From scores to a stored evaluation. Everything in it is by content, so writing it again changes nothing.</summary>
internal static class EvaluationWriter
{
    public static EvaluationWritten Write(EvaluateVersion m, ScoredRows scored, ModelCard card, EvaluationStore store)
    {
        var report = new Evaluation
        {
            Family = m.Version.Family,
            VersionId = m.Version.VersionId,
            DatasetHash = m.Version.DatasetHash,
            SchemaId = card.SchemaId,
            Model = card.Model.Model,
            ArtifactHash = m.Artifact.Hash,
            Warnings = { scored.Warnings },
            Calibration = scored.Calibration,
            Epochs = { m.Epochs },
        };
        var rows = scored.ToEvaluationRows();
        EvaluationReport.Fill(report, rows, scored.ScoreArray(), Resampling.For(rows.Count), scored.Cold.AsSpan());
        if (rows.Count > 0)
        {
            (report.RowsHash, report.ScoresHash) = (store.Save(scored.Rows), store.Save(scored.Scores));
        }

        return new EvaluationWritten(
            m.RunId,
            m.SessionId,
            store.Save(report),
            [.. EvaluationReport.Summary(report)],
            report.Reason
        );
    }
}
