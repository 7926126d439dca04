using System.Net;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>A hyper-parameter search over REST.</summary>
public sealed class StudyEndpointSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    [Fact]
    public async Task A_study_says_which_parameters_mattered_and_has_a_page()
    {
        await node.Study("search", trials: 6);

        var study = await node.Get<StudyReply>("/training/studies/search");
        var report = await node.Get<StudyReportReply>("/training/studies/search/report");
        var page = await node.Node.Text("/training/studies/search/report.html");

        Assert.Equal(
            ["model.hidden_dim", "optimizer.learning_rate"],
            study.Importances.Select(i => i.Path).Order(StringComparer.Ordinal)
        );
        Assert.Contains("6 completed trials", Assert.Single(study.Warnings), StringComparison.Ordinal);
        Assert.Equal(6, report.Trials.Count);
        Assert.Equal(study.Best, report.Study.Best);
        Assert.Single(page.Split("<svg").Skip(1));
        Assert.Contains("What mattered", page, StringComparison.Ordinal);
        Assert.Contains("6 completed trials", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Studies_are_listed_page_by_page_as_soon_as_they_change()
    {
        foreach (var id in (string[])["first", "second", "third"])
        {
            await node.Study(id, trials: 1, family: "listed");
        }

        const string Listed = "/training/studies?family=listed";
        var page = await node.Get<StudiesReply>($"{Listed}&page_size=2");
        var rest = await node.Get<StudiesReply>($"{Listed}&page_size=2&page_token={page.NextPageToken}");
        var searching = await node.Get<StudiesReply>($"{Listed}&status=SEARCHING");
        using var refused = await node.Get($"{Listed}&page_size=501");

        Assert.Equal(["third", "second"], page.Studies.Select(s => s.StudyId));
        Assert.Equal("first", Assert.Single(rest.Studies).StudyId);
        Assert.All(page.Studies, s => Assert.Equal(StudyStatus.SearchCompleted, s.Status));
        Assert.True(page.Studies[0].Registered);
        Assert.Empty(searching.Studies);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("page_size", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
