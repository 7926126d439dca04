using System.Globalization;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>What a version must bring to be registered.</summary>
internal static class VersionRules
{
    public const int MaxMetrics = 64;

    /// <summary>A release with its commit, and the contract's digest.</summary>
    public const int MaxCodeVersion = 256;

    public static Rejection? Check(RegisterVersion c)
    {
        var ids =
            Ids.Check("version_id", c.VersionId)
            ?? ArtifactRules.Check("artifact", c.Artifact)
            ?? Optional("schema_id", c.SchemaId)
            ?? Optional("produced_by", c.ProducedBy)
            ?? Optional("parent_version_id", c.ParentVersionId)
            ?? ArtifactRules.Check("evaluation", c.Evaluation);
        if (ids is not null)
        {
            return ids;
        }

        if (c.ParentVersionId == c.VersionId)
        {
            return Rejections.Invalid("parent_version_id", c.ParentVersionId, "must be another version");
        }

        if (c.CodeVersion.Length > MaxCodeVersion)
        {
            return Rejections.Invalid(
                "code_version",
                c.CodeVersion.Length,
                $"must be at most {MaxCodeVersion} characters"
            );
        }

        return Check(c.Metrics);
    }

    public static Rejection? Check(RecordEvaluation c) =>
        c.Evaluation is null ? Rejections.Invalid("evaluation", "", "must be set")
        : c.DatasetHash.Length == 0 ? Rejections.Invalid("dataset_hash", "", "must be set")
        : ArtifactRules.Check("evaluation", c.Evaluation) ?? Check(c.Metrics);

    private static Rejection? Check(IReadOnlyList<Metric> metrics)
    {
        if (metrics.Count > MaxMetrics)
        {
            return Rejections.Invalid("metrics", metrics.Count, $"must be at most {MaxMetrics}");
        }

        for (var i = 0; i < metrics.Count; i++)
        {
            var metric = metrics[i];
            if (!double.IsFinite(metric.Value) || !double.IsFinite(metric.Low) || !double.IsFinite(metric.High))
            {
                var value = metric.Value.ToString(CultureInfo.InvariantCulture);
                return Rejections.Invalid(
                    $"metrics[{i}].value",
                    value,
                    "must be a finite number, with a finite interval"
                );
            }
        }

        return null;
    }

    private static Rejection? Optional(string field, string id) => id.Length == 0 ? null : Ids.Check(field, id);
}
