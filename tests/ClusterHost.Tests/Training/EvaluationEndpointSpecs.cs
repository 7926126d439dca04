using System.Net;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>What a team asks of its versions: how good, better than which, and which served when.</summary>
public sealed class EvaluationEndpointSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    private const string Good = "/training/models/town/versions/good/evaluation";

    [Fact]
    public async Task An_evaluation_is_fetched_as_it_was_stored_and_its_figures_stand_beside_the_version()
    {
        var evaluation = (await node.Get<EvaluationReply>(Good)).Evaluation;
        var version = (await node.Get<RegistryReply>("/training/registry/town")).Versions.Single(v =>
            v.VersionId == "good"
        );

        var file = Path.Combine(node.Node.Node.Settings.Storage.Models, $"{version.Evaluation.Hash}.evaluation.json");
        Assert.Equal(
            version.Evaluation.Hash,
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)))
        );
        Assert.InRange(evaluation.Rows, 500, 700);
        Assert.True(evaluation.Auc > 0.65, $"{evaluation.Auc}");
        Assert.Equal(evaluation.Auc, version.Metrics.Single(m => m.Name == "test_auc").Value, 9);
        Assert.Contains(evaluation.Slices, s => s is { Feature: "user.town", Value: "south" });
        Assert.Contains(evaluation.Slices, s => s.Feature == "context.hour" && s.Value.Contains(" to "));
        Assert.Equal((64, "run-good"), (version.Config.BatchSize, version.ProducedBy["training-run/".Length..]));
        Assert.Contains(" wire:", version.CodeVersion, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_has_its_pictures_and_nothing_from_elsewhere()
    {
        var page = await node.Node.Text($"{Good}.html");

        Assert.Equal(5, page.Split("<svg").Length - 1);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        var paths = page.Split("clipPath id=\"").Skip(1).Select(p => p[..p.IndexOf('"')]).ToArray();
        Assert.Equal(paths.Length, paths.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_table_has_a_row_for_every_figure()
    {
        var evaluation = (await node.Get<EvaluationReply>(Good)).Evaluation;
        var table = await node.Node.Text($"{Good}.csv");

        Assert.StartsWith("kind,version,metric,of,rows,value,low,high,constant,p_value", table);
        Assert.Equal(
            1 + evaluation.Metrics.Count + evaluation.Slices.Count(s => s.HasAuc) + (3 * evaluation.Epochs.Count),
            table.TrimEnd().Split('\n').Length
        );
    }

    [Fact]
    public async Task Two_versions_of_one_dataset_are_compared_row_by_row()
    {
        var comparison = (await node.Get<EvaluationReply>($"{Good}?against=hasty")).Comparison;
        var reversed = (
            await node.Get<EvaluationReply>("/training/models/town/versions/hasty/evaluation?against=good")
        ).Comparison;
        var page = await node.Node.Text($"{Good}.html?against=hasty");

        Assert.Equal(("good", "hasty"), (comparison.VersionId, comparison.AgainstVersionId));
        Assert.True(comparison.AucLow > 0 && comparison.PValue < 0.001);
        var auc = comparison.Differences.Single(d => d.Metric == "auc");
        Assert.Equal(comparison.AucDifference, auc.Difference_, 9);
        Assert.True(auc.Low > 0);
        Assert.Equal(-auc.Low, reversed.Differences.Single(d => d.Metric == "auc").High, 9);
        Assert.Contains("good less hasty", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("<svg").Length - 1);
    }

    [Fact]
    public async Task A_dataset_without_test_rows_says_so()
    {
        var reply = await node.Get<EvaluationReply>("/training/models/town/versions/untested/evaluation");
        var page = await node.Node.Text("/training/models/town/versions/untested/evaluation.html");

        Assert.Equal((0, "the dataset has no test rows"), (reply.Evaluation.Rows, reply.Evaluation.Reason));
        Assert.Contains("Not judged: the dataset has no test rows.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_no_run_judged_is_judged_when_asked_for_and_compares_with_the_others()
    {
        var good = (await node.Get<RegistryReply>("/training/registry/town")).Versions.Single(v =>
            v.VersionId == "good"
        );
        var grown = new RegisterVersion
        {
            VersionId = "grown",
            Artifact = good.Artifact,
            ProducedBy = "exp-1/b",
            ParentVersionId = "good",
        };
        await node.Post<CommandReply>("/training/registry/town/versions", grown);
        const string Grown = "/training/models/town/versions/grown/evaluation";
        Assert.Equal(HttpStatusCode.NotFound, (await node.Get(Grown)).StatusCode);

        await node.Post<CommandReply>("/training/models/town/versions/grown/evaluate", new RequestEvaluation());
        await Eventually.Is(
            EvaluationStatus.EvaluationRecorded,
            async () =>
                (await node.Get<EvaluationsReply>("/training/models/town/evaluations"))
                    .Evaluations.Single(e => e.RunId.Length == 0)
                    .Status
        );

        var compared = await node.Get<EvaluationReply>($"{Grown}?against=good");
        Assert.Equal(("grown", good.DatasetHash), (compared.Evaluation.VersionId, compared.Evaluation.DatasetHash));
        Assert.Equal((0, 1), (compared.Comparison.AucDifference, compared.Comparison.PValue));
        var page = await node.Node.Text($"{Grown}.html?against=good");
        Assert.Contains("grown less good", page, StringComparison.Ordinal);
        var on = await node.Get<EvaluationReply>($"{Grown}?dataset_hash={good.DatasetHash}");
        Assert.Equal(compared.Evaluation, on.Evaluation);
        using var elsewhere = await node.Get($"{Grown}?dataset_hash={new string('0', 64)}");
        Assert.Contains("has no evaluation on dataset 000", await elsewhere.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_request_that_cannot_be_met_is_refused_at_the_endpoint()
    {
        var village = (await node.Get<TrainingRunReply>("/training/runs/run-untested")).DatasetPath;

        var unknown = await Refused("none", new RequestEvaluation());
        var untested = await Refused("untested", new RequestEvaluation());
        var unlike = await Refused("good", new RequestEvaluation { DatasetPath = Path.Combine(village, "..") });

        Assert.Contains("must be a registered version of town", unknown);
        Assert.Contains("must have test rows", untested);
        Assert.Contains("must be a prepared dataset", unlike);
    }

    private async Task<string> Refused(string version, RequestEvaluation asked) =>
        (
            await Assert.ThrowsAnyAsync<Exception>(() =>
                node.Post<CommandReply>($"/training/models/town/versions/{version}/evaluate", asked)
            )
        ).Message;

    [Theory]
    [InlineData("/training/models/town/versions/none/evaluation", HttpStatusCode.NotFound, "version_id")]
    [InlineData("/training/models/nowhere/versions/good/evaluation", HttpStatusCode.NotFound, "nowhere")]
    [InlineData($"{Good}?against=none", HttpStatusCode.NotFound, "against")]
    [InlineData($"{Good}?against=untested", HttpStatusCode.Conflict, "must be judged on the test rows of dataset")]
    [InlineData($"{Good}?agianst=hasty", HttpStatusCode.BadRequest, "agianst")]
    public async Task What_cannot_be_answered_is_refused_by_name(string path, HttpStatusCode status, string named)
    {
        using var answer = await node.Get(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_version_served_at_a_time_is_known()
    {
        var before = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (var version in (string[])["hasty", "good"])
        {
            var promote = new SetStage { VersionId = version, Stage = Stage.Champion };
            await node.Post<CommandReply>("/training/registry/town/stages", promote);
        }

        var now = await node.Get<RegistryReply>("/training/registry/town");
        var hasty = now.Versions.Single(v => v.VersionId == "hasty");
        var held = hasty.History.Single(h => h.Stage == Stage.Champion);
        var between = await At(held.From.ToDateTime());
        var earlier = await At(before);

        Assert.Equal(("good", Stage.Retired), (now.ChampionVersionId, hasty.Stage));
        Assert.Equal("hasty", between.ChampionVersionId);
        Assert.Equal(Stage.Candidate, between.Versions.Single(v => v.VersionId == "good").Stage);
        Assert.Equal("", earlier.ChampionVersionId);
        Assert.Contains("untested", earlier.Versions.Select(v => v.VersionId));
        var release = new ReleaseArtifact { VersionId = "hasty", Reason = "no room" };
        await node.Post<CommandReply>("/training/registry/town/releases", release);
        var again = new SetStage { VersionId = "hasty", Stage = Stage.Champion };
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() =>
            node.Post<CommandReply>("/training/registry/town/stages", again)
        );
        Assert.Contains("stays retired", refusal.Message, StringComparison.Ordinal);
    }

    private Task<RegistryReply> At(DateTime time) =>
        node.Get<RegistryReply>(
            $"/training/registry/town?at={Uri.EscapeDataString(Timestamp.FromDateTime(time).ToString().Trim('"'))}"
        );
}
