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
    private const int Slice = 4_096;

    /// <exception cref="ArtifactException">The model's tensors do not fit the data.</exception>
    public static TestEvaluation Of(ModelArtifact artifact, PreparedDataset data, string device)
    {
        var rows = data.Rows(Split.Test);
        if (rows.IsEmpty)
        {
            return new TestEvaluation(0, 0, 0, 0, 0, 0);
        }

        var widths = new InputWidths(data.Meta.UserWidth, data.Meta.CandidateWidth, data.Meta.ContextWidth);
        using var learner = new Learner(artifact.Card.Model, new OptimizerConfig { Name = "adam" }, widths, device);
        learner.Restore(artifact, withOptimizer: false);
        var probabilities = new float[rows.Length];
        var labels = new float[rows.Length];
        for (var from = 0; from < rows.Length; from += Slice)
        {
            var part = rows.Slice(from, Math.Min(Slice, rows.Length - from));
            var target = learner.Target(part.Length);
            data.Gather(part, target.User, target.Item, target.Context, target.Labels);
            target.Labels[..part.Length].CopyTo(labels.AsSpan(from));
            learner.Score(part.Length, probabilities.AsSpan(from, part.Length));
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
