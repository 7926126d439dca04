using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Torch;

/// <summary>A stored model judged on a dataset's test rows, beside any run.</summary>
public static class OfflineEvaluation
{
    /// <exception cref="ArtifactException">The model's tensors do not fit the data.</exception>
    public static Evaluation Of(ModelArtifact artifact, PreparedDataset data, string device)
    {
        using var scoring = new TestScoring(artifact, data, device);
        while (!scoring.Next()) { }

        var scored = scoring.Result();
        var rows = scored.ToEvaluationRows();
        var report = new Evaluation
        {
            DatasetHash = data.Meta.Hash,
            Model = artifact.Card.Model.Model,
            Warnings = { scored.Warnings },
        };
        return EvaluationReport.Fill(report, rows, scored.ScoreArray(), Resampling.For(rows.Count));
    }
}
