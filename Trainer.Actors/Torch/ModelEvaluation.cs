using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Torch;

/// <summary>A model on rows it never saw, beside the best constant.</summary>
/// <param name="Positives">Share of positive labels.</param>
/// <param name="ConstantLogLoss">Log loss of always saying that share.</param>
/// <param name="CalibrationError">Expected calibration error, 15 bins.</param>
public sealed record EvaluationReport(
    int Rows,
    double Positives,
    double Auc,
    double LogLoss,
    double ConstantLogLoss,
    double Brier,
    double CalibrationError
);

public static class ModelEvaluation
{
    private const int Slice = 4096;

    /// <exception cref="InvalidDataException">The dataset has another schema than the model, or no such rows.</exception>
    public static EvaluationReport Run(ArtifactStore store, ArtifactRef artifact, PreparedDataset data, Split split)
    {
        var rows = data.Rows(split);
        if (rows.IsEmpty)
        {
            throw new InvalidDataException($"dataset {data.Meta.Name} has no {split} rows");
        }

        using var model = new ServingModel(store.Load(artifact), "cpu");
        if (model.Schema.Id != data.Meta.SchemaId)
        {
            throw new InvalidDataException(
                $"the model reads schema {model.Schema.Id}, the dataset has {data.Meta.SchemaId}"
            );
        }

        var scores = new float[rows.Length];
        var labels = new float[rows.Length];
        for (var from = 0; from < rows.Length; from += Slice)
        {
            var part = rows[from..Math.Min(rows.Length, from + Slice)];
            model.Score(data, part).CopyTo(scores, from);
            for (var k = 0; k < part.Length; k++)
            {
                labels[from + k] = data.Label(part[k]);
            }
        }

        var positives = labels.Average(label => (double)label);
        return new EvaluationReport(
            rows.Length,
            positives,
            RankingMetrics.Auc(scores, labels),
            RankingMetrics.LogLoss(scores, labels),
            RankingMetrics.LogLoss([.. Enumerable.Repeat((float)positives, labels.Length)], labels),
            RankingMetrics.Brier(scores, labels),
            RankingMetrics.CalibrationError(scores, labels)
        );
    }
}
