using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>Where a version comes from: the versions it grew from, and what they were trained on.</summary>
internal static class Ancestry
{
    private const string OfRun = $"{RegionNames.TrainingRun}/";

    /// <summary>The version and those it grew from, nearest first.</summary>
    public static ImmutableArray<ModelVersion> Of(RegistryReply family, ModelVersion version)
    {
        var line = ImmutableArray.CreateBuilder<ModelVersion>();
        for (var next = version; next is not null && !line.Contains(next); )
        {
            line.Add(next);
            var parent = next.ParentVersionId;
            next = family.Versions.FirstOrDefault(v => parent.Length > 0 && v.VersionId == parent);
        }

        return line.ToImmutable();
    }

    /// <summary>What the version was trained on, or the nearest one it grew from; empty when nobody has said so.</summary>
    public static string DatasetOf(IEnumerable<ModelVersion> line) =>
        line.Select(v => v.DatasetHash).FirstOrDefault(h => h.Length > 0) ?? "";

    /// <summary>Runs of the family that trained on the dataset, the version's own line first.</summary>
    public static IEnumerable<string> RunsOn(
        string datasetHash,
        RegistryReply family,
        IEnumerable<ModelVersion> line
    ) =>
        line.Concat(family.Versions)
            .Where(v => v.DatasetHash == datasetHash)
            .Select(RunOf)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    /// <summary>The run that made it; <c>null</c> for what a lineage or somebody else made.</summary>
    public static string? RunOf(ModelVersion version) =>
        version.ProducedBy.StartsWith(OfRun, StringComparison.Ordinal) ? version.ProducedBy[OfRun.Length..] : null;
}
