using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Torch;

/// <summary>How good a model is on rows that neither training nor early stopping has seen.</summary>
/// <param name="Rows">Test rows; 0: the data has none, and there is nothing to say.</param>
/// <param name="ConstantLogLoss">Log loss of always saying the share of positives: what any model must beat.</param>
public sealed record TestEvaluation(
    int Rows,
    double Auc,
    double LogLoss,
    double ConstantLogLoss,
    double Brier,
    double CalibrationError
)
{
    /// <exception cref="ArtifactException">The model's tensors do not fit the data.</exception>
    public static TestEvaluation Of(ModelArtifact artifact, PreparedDataset data, string device)
    {
        var rows = data.Rows(Split.Test);
        if (rows.IsEmpty)
        {
            return new TestEvaluation(0, 0, 0, 0, 0, 0);
        }

        var sgd = new OptimizerConfig { Name = "sgd" };
        using var learner = new Learner(artifact.Card.Model, sgd, InputShape.Of(data), device);
        learner.Restore(artifact, withOptimizer: false);
        var batches = new DatasetBatches(data, learner);
        batches.Refresh();
        var probabilities = new float[rows.Length];
        var labels = new float[rows.Length];
        for (var from = 0; from < rows.Length; )
        {
            from += batches.Score(Split.Test, from, probabilities, labels);
        }

        var share = labels.Average();
        return new TestEvaluation(
            rows.Length,
            RankingMetrics.Auc(probabilities, labels),
            RankingMetrics.LogLoss(probabilities, labels),
            RankingMetrics.LogLoss(Enumerable.Repeat(share, labels.Length).ToArray(), labels),
            RankingMetrics.Brier(probabilities, labels),
            RankingMetrics.CalibrationError(probabilities, labels)
        );
    }
}
