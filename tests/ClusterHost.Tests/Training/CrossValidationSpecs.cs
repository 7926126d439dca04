using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

public sealed class CrossValidationSpecs : IDisposable
{
    private const int Rows = 900;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-folds-").FullName;

    public CrossValidationSpecs() => WriteTables();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_fold_counts_by_its_rows()
    {
        var figures = FoldFigures.Of([(0.5, 100), (0.8, 200), (0.8, 0)]);

        Assert.Equal(0.7, figures.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(((100 * 0.04) + (200 * 0.01)) / 300), figures.Spread, 1e-12);
    }

    [Fact]
    public async Task Every_row_tests_once_and_the_folds_are_told_one_by_one_and_together()
    {
        await using var node = await TestNode.Start();
        var told = new List<(int Fold, string Line)>();

        var found = await Run(node, 3, (fold, summary) => told.Add((fold, FoldsSummary.Line(fold, summary))));

        Assert.Equal(Rows, found.Folds.Sum(f => f.Evaluation.Rows));
        Assert.Equal([0, 1, 2], told.Select(t => t.Fold));
        Assert.StartsWith("fold 2: ", told[2].Line, StringComparison.Ordinal);
        Assert.Equal(3, found.Folds.Select(f => f.Data.Meta.Hash).Distinct(StringComparer.Ordinal).Count());
        var json = JsonDocument.Parse(found.ToJson()).RootElement;
        var auc = found.Folds.Sum(f => f.Evaluation.Auc * f.Evaluation.Rows) / Rows;
        Assert.Equal(auc, json.GetProperty("auc_mean").GetDouble(), 1e-4);
        Assert.True(json.GetProperty("log_loss_spread").GetDouble() > 0);
        Assert.Equal(3, json.GetProperty("folds").GetArrayLength());
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"AUC {auc:F4} ± "), found.ToString());
        Assert.Contains($"report of the tables: {Path.Combine(_folder, "dataset.report.json")}", found.ToString());
    }

    [Fact]
    public async Task A_dataset_that_leaks_says_so_in_the_summary_and_in_the_evaluation()
    {
        WriteTables(leak: true);
        await using var node = await TestNode.Start();

        var found = await Run(node, 2, (_, _) => { });

        var fold = found.Folds[0];
        Assert.Contains(
            fold.Evaluation.Warnings,
            w => w.StartsWith("context.hour equals the label", StringComparison.Ordinal)
        );
        Assert.Contains("warning: context.hour equals the label", fold.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "context.hour equals the label",
            JsonDocument.Parse(fold.ToJson()).RootElement.GetProperty("warnings")[0].GetString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(101)]
    public void A_number_of_folds_that_parts_nothing_is_refused(int folds)
    {
        var refused = Assert.Throws<CommandLineException>(() => Prepare(folds));

        Assert.Equal($"--folds {folds} must be 2 to 100", refused.Message);
    }

    private IReadOnlyList<PreparedTables> Prepare(int folds) =>
        CrossValidation.Prepare(
            new TablesOptions(_folder, new PreparationOptions()),
            folds,
            Path.Combine(_folder, "work"),
            new ProgressView(),
            TestContext.Current.CancellationToken
        );

    private Task<FoldsSummary> Run(TestNode node, int folds, Action<int, TrainingSummary> each) =>
        new CrossValidation(new OfflineTraining(node.Node, new ProgressView())).Run(
            Prepare(folds),
            new TrainingConfig
            {
                Model = new ModelConfig { Model = "LogisticRegression" },
                MaxEpochs = 2,
            },
            each,
            TestContext.Current.CancellationToken
        );

    /// <param name="leak">The hour is the label.</param>
    private void WriteTables(bool leak = false)
    {
        File.WriteAllLines(
            Path.Combine(_folder, "people.csv"),
            ["id,age", .. Enumerable.Range(0, 30).Select(p => $"p{p},{18 + p}")]
        );
        File.WriteAllLines(
            Path.Combine(_folder, "likes.csv"),
            [
                "who,whom,hour,liked",
                .. Enumerable
                    .Range(0, Rows)
                    .Select(r => (Row: r, Liked: r * 7 % 10 < 4 ? 1 : 0))
                    .Select(r => $"p{r.Row % 30},p{(r.Row * 11 + 1) % 30},{(leak ? r.Liked : r.Row % 24)},{r.Liked}"),
            ]
        );
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            """
            { "name": "folds",
              "users": { "file": "people.csv", "key": "id", "columns": { "age": { "type": "number" } } },
              "interactions": { "file": "likes.csv", "user": "who", "candidate": "whom", "label": "liked",
                                "columns": { "hour": { "type": "number" } } } }
            """
        );
    }
}
