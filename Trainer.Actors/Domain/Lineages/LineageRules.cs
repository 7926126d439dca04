using System.Globalization;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Retrainings;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>What a lineage may be opened with, and what an offer to it must look like.</summary>
internal static class LineageRules
{
    public const int DefaultBatchSize = 32;
    public const int DefaultCheckpointEvery = 1_000;
    public const int DefaultCheckpointSeconds = 30;
    public const double DefaultGuardAlpha = 0.001;
    public const float DefaultLearningRate = 0.0003f;

    /// <summary>Samples in one offer. A sender that has more sends several.</summary>
    public const int MaxOfferedSamples = 1024;

    public static Rejection? Check(OpenLineage c) =>
        Ids.Check("family", c.Family)
        ?? Ids.Check("version_id", c.VersionId)
        ?? (c.Base is null ? null : ArtifactRules.Check("base", c.Base))
        ?? Check(c.Optimizer ?? new OptimizerConfig())
        ?? Limits.Within("batch_size", c.BatchSize, 0, 4_096, zero: "the default")
        ?? Limits.Within("checkpoint_every", c.CheckpointEvery, 0, 10_000, zero: "the default")
        ?? Seconds(c.HasCheckpointSeconds, c.CheckpointSeconds)
        ?? Milliseconds(c.HasPublishEveryMs, c.PublishEveryMs)
        ?? Guard(c.HasGuardAlpha, c.GuardAlpha)
        ?? ReactionRules.Check(c.Reaction)
        ?? RetrainingRules.Check("retraining", c.Retraining);

    public static Rejection? Check(OfferSlice c)
    {
        if (Ids.Check("user_id", c.UserId) is { } badUser)
        {
            return badUser;
        }

        if (c.FromSeq < 1 || c.ToSeq < c.FromSeq)
        {
            return Rejections.Invalid(
                "to_seq",
                c.ToSeq,
                $"must be at least from_seq ({c.FromSeq}), which is at least 1"
            );
        }

        if (c.Samples.Count is 0 or > MaxOfferedSamples)
        {
            return Rejections.Invalid("samples", c.Samples.Count, $"must be 1 to {MaxOfferedSamples}");
        }

        var last = c.FromSeq - 1;
        for (var i = 0; i < c.Samples.Count; i++)
        {
            var seq = c.Samples[i].SampleSeq;
            if (seq <= last || seq > c.ToSeq || c.Samples[i].Sample is null)
            {
                return Rejections.Invalid(
                    $"samples[{i}].sample_seq",
                    seq,
                    "must be a sample, ascending, from from_seq to to_seq"
                );
            }

            last = seq;
        }

        return last == c.ToSeq ? null : Rejections.Invalid("to_seq", c.ToSeq, $"must be the last sample's ({last})");
    }

    /// <summary>More is offered than the trainer learns.</summary>
    public static Rejection TooManyWaiting(string lineageId) =>
        Rejections.Of(
            RejectionCode.Overloaded,
            "lineage_id",
            lineageId,
            "has too many samples waiting; offer it again later"
        );

    /// <summary>A base that is named is the version's.</summary>
    public static Rejection? Check(OpenLineage c, ArtifactRef artifact)
    {
        var rule = $"must be that of {c.VersionId} in {c.Family}: ";
        return c.Base is not { } named ? null
            : named.Hash != artifact.Hash ? Rejections.Conflict("base.hash", named.Hash, rule + artifact.Hash)
            : Differs(named.WeightsHash, artifact.WeightsHash)
                ? Rejections.Conflict("base.weights_hash", named.WeightsHash, rule + artifact.WeightsHash)
            : named.Bytes != 0 && artifact.Bytes != 0 && named.Bytes != artifact.Bytes
                ? Rejections.Conflict("base.bytes", named.Bytes, rule + artifact.Bytes)
            : null;
    }

    private static bool Differs(string named, string artifact) =>
        named.Length > 0 && artifact.Length > 0 && named != artifact;

    /// <summary>The event with every default written out, so that a later release's defaults do not change the past.</summary>
    public static LineageOpened Opened(OpenLineage c, ArtifactRef artifact) =>
        new()
        {
            Family = c.Family,
            VersionId = c.VersionId,
            Base = artifact,
            Settings = new LineageSettings
            {
                Optimizer = new OptimizerConfig
                {
                    Name = c.Optimizer?.Name is { Length: > 0 } name ? name : "adam",
                    LearningRate = c.Optimizer is { LearningRate: > 0 } o ? o.LearningRate : DefaultLearningRate,
                    WeightDecay = c.Optimizer?.WeightDecay ?? 0,
                    ClipNorm = c.Optimizer?.ClipNorm ?? 0,
                },
                BatchSize = c.BatchSize == 0 ? DefaultBatchSize : c.BatchSize,
                CheckpointEvery = c.CheckpointEvery == 0 ? DefaultCheckpointEvery : c.CheckpointEvery,
                CheckpointSeconds = c.HasCheckpointSeconds ? c.CheckpointSeconds : DefaultCheckpointSeconds,
                PublishEveryMs = c.HasPublishEveryMs ? c.PublishEveryMs : LineageSettings.DefaultPublishEveryMs,
                Reaction = ReactionRules.Filled(c.Reaction),
                StepsBySize = true,
                GuardAlpha = c.HasGuardAlpha ? c.GuardAlpha : DefaultGuardAlpha,
                Retraining = RetrainingRules.Filled(c.Retraining),
            },
        };

    public static Rejection? Guard(bool isGiven, double alpha) =>
        Limits.Must(
            !isGiven || alpha is 0 or (>= 0.000001 and <= 0.1),
            "guard_alpha",
            alpha.ToString(CultureInfo.InvariantCulture),
            "must be 0 (it is not taken back by itself) or 0.000001 to 0.1"
        );

    /// <summary>Of a lineage from before its settings could be changed: what was said then, and what is said now.</summary>
    public static bool IsSaidBy(OpenLineage c, LineageOpened known, LineageOpened said) =>
        (known.Family, known.VersionId) == (said.Family, said.VersionId)
        && known.Base.Equals(said.Base)
        && known.Optimizer.Equals(said.Settings.Optimizer)
        && known.BatchSize == said.Settings.BatchSize
        && (c.CheckpointEvery == 0 || c.CheckpointEvery == known.CheckpointEvery)
        && (c.Reaction is null || said.Settings.Reaction.Equals(known.Reaction));

    public static Rejection? Seconds(bool isGiven, int value) =>
        isGiven ? Limits.Within("checkpoint_seconds", value, 1, 86_400) : null;

    public static Rejection? Milliseconds(bool isGiven, int value) =>
        isGiven ? Limits.Within("publish_every_ms", value, 0, 60_000, zero: "after each batch") : null;

    internal static Rejection? Check(OptimizerConfig o) =>
        o.Name.Length > 0 && !ConfigRules.OptimizerNames.Contains(o.Name)
            ? Rejections.Invalid("optimizer.name", o.Name, ConfigRules.OptimizerRule)
        : !(o.LearningRate is >= 0 and <= 1)
            ? Number("optimizer.learning_rate", o.LearningRate, "must be 0 (the default) to 1")
        : !(o.WeightDecay is >= 0 and <= 1) ? Number("optimizer.weight_decay", o.WeightDecay, "must be 0 to 1")
        : !(o.ClipNorm is >= 0 and <= 1e6f)
            ? Number("optimizer.clip_norm", o.ClipNorm, "must be 0 (never) to 1,000,000")
        : null;

    private static Rejection? Number(string field, float value, string rule) =>
        Rejections.Invalid(field, value.ToString(CultureInfo.InvariantCulture), rule);
}
