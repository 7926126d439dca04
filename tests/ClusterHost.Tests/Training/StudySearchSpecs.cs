using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>The command's search.</summary>
public sealed class StudySearchSpecs(SharedNode shared) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-search-").FullName;

    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await shared.Node();
        File.WriteAllLines(
            Path.Combine(_folder, "people.csv"),
            ["id,age", .. Enumerable.Range(0, 30).Select(p => $"p{p},{18 + p}")]
        );
        File.WriteAllLines(
            Path.Combine(_folder, "likes.csv"),
            [
                "who,whom,liked",
                .. Enumerable.Range(0, 600).Select(r => $"p{r % 30},p{(r * 11 + 1) % 30},{(r * 7 % 10 < 4 ? 1 : 0)}"),
            ]
        );
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_best_version_is_judged_once_and_the_summary_is_that_evaluation()
    {
        var found = await Search("judged", test: "0.2");

        var family = await _node.Get<RegistryReply>("/training/registry/judged");
        var version = Assert.Single(family.Versions);
        var judged = Assert.Single(version.Evaluations);
        Assert.Equal(judged.Metrics.Single(m => m.Name == "test_auc").Value, found.Test.Auc, 12);
        Assert.Equal((version.VersionId, version.Artifact.Hash), (found.Test.VersionId, found.Test.ArtifactHash));
        Assert.Equal(CodeVersion.Current, version.CodeVersion);
    }

    [Fact]
    public async Task Without_test_rows_the_summary_says_so()
    {
        var found = await Search("unjudged", test: "0");

        Assert.Equal(0, found.Test.Rows);
        Assert.Contains("must have test rows", found.Test.Reason, StringComparison.Ordinal);
        Assert.Contains("test: Not judged: ", found.ToString(), StringComparison.Ordinal);
    }

    private async Task<StudySummary> Search(string name, string test)
    {
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            $$"""
            { "name": "{{name}}",
              "users": { "file": "people.csv", "key": "id", "columns": { "age": { "type": "number" } } },
              "interactions": { "file": "likes.csv", "user": "who", "candidate": "whom", "label": "liked" },
              "split": { "valid": 0.2, "test": {{test}} } }
            """
        );
        var (view, ct) = (new ProgressView(), TestContext.Current.CancellationToken);
        var options = new TablesOptions(_folder, new PreparationOptions());
        var tables = PreparedTables.Prepare(options, Path.Combine(_folder, "prepared"), view, ct);
        var space = new StudyDefinition
        {
            Trials = 2,
            Config = new TrainingConfig
            {
                Model = new ModelConfig { Model = "LogisticRegression" },
                MaxEpochs = 1,
            },
            Parameters =
            {
                new SearchParameter
                {
                    Path = "optimizer.learning_rate",
                    Continuous = new ContinuousRange { Low = 0.001, High = 0.1 },
                },
            },
        };
        return await new StudySearch(_node.Node, view).Run(tables, space, ct);
    }
}
