using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>A sweep by REST, of a node that keeps its journal in SQLite.</summary>
public sealed class SweepEndpointSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    [Fact]
    public async Task A_sweep_leaves_what_versions_need_and_a_released_version_only_its_report()
    {
        foreach (var (version, stage) in ((string, Stage)[])[("hasty", Stage.Retired), ("good", Stage.Champion)])
        {
            var set = new SetStage { VersionId = version, Stage = stage };
            await node.Post<CommandReply>("/training/registry/town/stages", set);
        }

        var release = new ReleaseArtifact { VersionId = "hasty", Reason = "no room" };
        await node.Post<CommandReply>("/training/registry/town/releases", release);
        var family = await node.Get<RegistryReply>("/training/registry/town");
        var (good, hasty) = (Version(family, "good"), Version(family, "hasty"));
        var young = await Sweep(dryRun: false);
        var folder = node.Node.Node.Settings.Storage.Models;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().AddDays(-8).UtcDateTime);
        }

        var dry = await Sweep(dryRun: true);
        var swept = await Sweep(dryRun: false);

        Assert.Empty(young.Files);
        Assert.Equal(dry.Files, swept.Files);
        Assert.Contains(swept.Files, f => f.Name == $"{hasty.Artifact.Hash}.safetensors");
        Assert.Contains(swept.Files, f => f.Name == $"{hasty.Evaluation.ScoresHash}.test-scores");
        Assert.True(File.Exists(Path.Combine(folder, $"{good.Artifact.Hash}.safetensors")));
        Assert.Equal(swept.Kept, Directory.EnumerateFiles(folder).Count());
        foreach (var version in (string[])["good", "hasty"])
        {
            var path = $"/training/models/town/versions/{version}/evaluation";
            Assert.Equal(version, (await node.Get<EvaluationReply>(path)).Evaluation.VersionId);
        }

        using var compared = await node.Get("/training/models/town/versions/good/evaluation?against=hasty");
        Assert.Contains(
            $"{hasty.Evaluation.ScoresHash}.test-scores cannot be read",
            await compared.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Empty((await Sweep(dryRun: false)).Files);
    }

    private Task<SweepReply> Sweep(bool dryRun) =>
        node.Post<SweepReply>("/training/artifacts/sweep", new SweepArtifacts { DryRun = dryRun });

    private static ModelVersion Version(RegistryReply family, string versionId) =>
        family.Versions.Single(v => v.VersionId == versionId);
}
