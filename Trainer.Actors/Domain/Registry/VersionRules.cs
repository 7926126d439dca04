using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>What a version must bring to be registered.</summary>
internal static class VersionRules
{
    public const int MaxMetrics = 64;

    public static Rejection? Check(RegisterVersion c)
    {
        var ids =
            Ids.Check("version_id", c.VersionId)
            ?? ArtifactRules.Check("artifact", c.Artifact)
            ?? Optional("schema_id", c.SchemaId)
            ?? Optional("produced_by", c.ProducedBy)
            ?? Optional("parent_version_id", c.ParentVersionId);
        if (ids is not null)
        {
            return ids;
        }

        if (c.ParentVersionId == c.VersionId)
        {
            return Decision.Invalid("parent_version_id", c.ParentVersionId, "must be another version").Rejection;
        }

        if (c.Metrics.Count > MaxMetrics)
        {
            return Decision.Invalid("metrics", c.Metrics.Count, $"must be at most {MaxMetrics}").Rejection;
        }

        for (var i = 0; i < c.Metrics.Count; i++)
        {
            if (!double.IsFinite(c.Metrics[i].Value))
            {
                var value = c.Metrics[i].Value.ToString(CultureInfo.InvariantCulture);
                return Decision.Invalid($"metrics[{i}].value", value, "must be a finite number").Rejection;
            }
        }

        return null;
    }

    private static Rejection? Optional(string field, string id) => id.Length == 0 ? null : Ids.Check(field, id);
}
