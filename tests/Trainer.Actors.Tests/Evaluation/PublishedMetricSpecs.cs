using System.Text.Json;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Evaluation;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Evaluation;

/// <summary>What scikit-learn answers, and what we do.</summary>
[Trait("Category", SharedData.Category)]
public sealed class PublishedMetricSpecs
{
    [Fact]
    public void Every_published_vector_of_every_metric_is_met()
    {
        var (unknown, met, figures) = (new List<string>(), 0, 0);
        foreach (
            var file in Directory.EnumerateFiles(SharedData.PathOf("metrics"), "*.json").Order(StringComparer.Ordinal)
        )
        {
            foreach (var vector in SharedData.Json("metrics", Path.GetFileName(file)).EnumerateArray())
            {
                var (id, metric) = (vector.GetProperty("id").GetString(), vector.GetProperty("metric").GetString()!);
                var checkedHere = Check(vector, metric, unknown, $"{id} {metric}");
                figures += checkedHere;
                met += checkedHere > 0 ? 1 : 0;
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{met} vectors, {figures} figures");
        TestContext.Current.TestOutputHelper?.WriteLine($"{met} vectors, {figures} figures");
        Assert.Equal([], unknown);
        Assert.True(met > 0, "no vector was found");
    }

    private static int Check(JsonElement vector, string metric, List<string> unknown, string name)
    {
        var (input, expected) = (vector.GetProperty("input"), vector.GetProperty("expected"));
        var labels = Numbers(input, "y");
        var scores = input.TryGetProperty("s", out _) ? Numbers(input, "s") : Numbers(input, "p");
        var tolerance = vector.GetProperty("tolerance").GetDouble();
        var figures =
            expected.ValueKind == JsonValueKind.Object
                ? expected.EnumerateObject().Select(e => (e.Name, Expected: e.Value)).ToArray()
                : [(metric, expected)];
        foreach (var (figure, value) in figures)
        {
            if (Measure(figure, scores, labels) is not { } actual)
            {
                unknown.Add($"{name} {figure}");
            }
            else if (value.ValueKind == JsonValueKind.String)
            {
                Assert.True(double.IsNaN(actual), $"{name} {figure}: {value} expected, was {actual:R}");
            }
            else
            {
                var distance = Math.Abs(actual - value.GetDouble());
                Assert.True(distance <= tolerance, $"{name} {figure}: {value} expected, was {actual:R}");
            }
        }

        return figures.Length;
    }

    private static double? Measure(string figure, double[] scores, double[] labels)
    {
        Confusion Confused() =>
            scores.Zip(labels).Aggregate(default(Confusion), (sum, row) => sum + Confusion.Of(row.First, row.Second));
        return figure switch
        {
            "roc_auc" => RankingMetrics.Auc<double>(scores, labels),
            "average_precision" => RankingMetrics.AveragePrecision<double>(scores, labels),
            "log_loss" or "log_loss_eps1e15" => RankingMetrics.LogLoss<double>(scores, labels, 1e-15),
            "brier" => RankingMetrics.Brier<double>(scores, labels),
            "accuracy_05" => Confused().Accuracy,
            "precision_05" => Confused().Precision,
            "recall_05" => Confused().Recall,
            "f1_05" => Confused().F1,
            "mcc_05" => Confused().Matthews,
            "dcg_linear_gain" => RankedList.Dcg<double>(scores, labels, scores.Length, Gain.Linear),
            _ when figure.StartsWith("ndcg_at_", StringComparison.Ordinal) => RankedList.Ndcg<double>(
                scores,
                labels,
                int.Parse(figure["ndcg_at_".Length..], System.Globalization.CultureInfo.InvariantCulture)
            ),
            _ => null,
        };
    }

    private static double[] Numbers(JsonElement input, string name) =>
        [.. input.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];
}
