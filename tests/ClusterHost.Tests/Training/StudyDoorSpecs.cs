using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>A hyper-parameter search over REST.</summary>
public sealed class StudyDoorSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    [Fact]
    public async Task A_study_says_which_parameters_mattered_and_has_a_page()
    {
        await node.Study("search", trials: 6);

        var study = await node.Get<StudyReply>("/training/studies/search");
        var report = await node.Get<StudyReportReply>("/training/studies/search/report");
        var page = await node.Node.Client.GetStringAsync(
            new Uri("/training/studies/search/report.html", UriKind.Relative)
        );

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
}
