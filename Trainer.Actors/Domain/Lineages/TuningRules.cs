using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Retrainings;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>How a lineage at work may be changed.</summary>
internal static class TuningRules
{
    private const int MaxReason = 1_000;

    /// <param name="now">What is left out stays; null: it does not matter yet.</param>
    public static Rejection? Check(TuneLineage c, LineageSettings? now = null) =>
        LineageRules.Check(c.Optimizer ?? new OptimizerConfig())
        ?? (c.HasBatchSize ? Limits.Within("batch_size", c.BatchSize, 1, 4_096) : null)
        ?? (c.HasCheckpointEvery ? Limits.Within("checkpoint_every", c.CheckpointEvery, 1, 10_000) : null)
        ?? LineageRules.Seconds(c.HasCheckpointSeconds, c.CheckpointSeconds)
        ?? LineageRules.Milliseconds(c.HasPublishEveryMs, c.PublishEveryMs)
        ?? LineageRules.Guard(c.HasGuardAlpha, c.GuardAlpha)
        ?? ReactionRules.Check(c.Reaction)
        ?? RetrainingRules.Check("retraining", c.Retraining, now?.Retraining)
        ?? Limits.Must(
            !c.HasLossThreshold || c.LossThreshold is >= 0 and <= 20,
            "loss_threshold",
            c.LossThreshold.ToString(CultureInfo.InvariantCulture),
            "must be 0 (all samples teach) to 20"
        )
        ?? CheckReason(c.Reason);

    public static Rejection? CheckReason(string reason) =>
        Limits.Must(
            reason.Length <= MaxReason,
            "reason",
            $"{reason.Length} characters",
            $"must be at most {MaxReason} characters"
        );

    /// <summary>What is left out stays.</summary>
    public static LineageSettings Tuned(LineageSettings now, TuneLineage c)
    {
        var tuned = now.Clone();
        if (c.Optimizer is { } o)
        {
            tuned.Optimizer = new OptimizerConfig
            {
                Name = o.Name is { Length: > 0 } name ? name : now.Optimizer.Name,
                LearningRate = o.LearningRate > 0 ? o.LearningRate : now.Optimizer.LearningRate,
                WeightDecay = o.WeightDecay > 0 ? o.WeightDecay : now.Optimizer.WeightDecay,
                ClipNorm = o.ClipNorm > 0 ? o.ClipNorm : now.Optimizer.ClipNorm,
            };
        }

        tuned.BatchSize = c.HasBatchSize ? c.BatchSize : now.BatchSize;
        tuned.CheckpointEvery = c.HasCheckpointEvery ? c.CheckpointEvery : now.CheckpointEvery;
        tuned.CheckpointSeconds = c.HasCheckpointSeconds ? c.CheckpointSeconds : now.CheckpointSeconds;
        tuned.PublishEveryMs = c.HasPublishEveryMs ? c.PublishEveryMs : now.PublishEveryMs;
        tuned.LossThreshold = c.HasLossThreshold ? c.LossThreshold : now.LossThreshold;
        tuned.GuardAlpha = c.HasGuardAlpha ? c.GuardAlpha : now.GuardAlpha;
        tuned.Paused = c.HasPaused ? c.Paused : now.Paused;
        if (c.Reaction is { } reaction)
        {
            tuned.Reaction = ReactionRules.Filled(reaction, now.Reaction);
        }

        if (c.Retraining is { } retraining)
        {
            tuned.Retraining = RetrainingRules.Filled(retraining, now.Retraining);
        }

        return tuned;
    }
}
