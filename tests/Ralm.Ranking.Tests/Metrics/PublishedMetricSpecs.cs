using System.Text.Json;
using Ralm.Ranking.Metrics;
using RalmActors.TestSupport;
using Xunit;

namespace Ralm.Ranking.Tests.Metrics;

/// <summary>What scikit-learn answers, and what we do.</summary>
[Trait("Category", SharedData.Category)]
public sealed class PublishedMetricSpecs
{
    [Fact]
    public void Every_published_vector_of_our_metrics_is_met()
    {
        var run = new VectorRun();
        foreach (var path in SharedData.Files("*.json", "metrics"))
        {
            foreach (var vector in SharedData.JsonOf(path).EnumerateArray())
            {
                Check(run, vector);
            }
        }

        run.End(TestContext.Current.TestOutputHelper);
    }

    /// <summary>Figure by figure: one that is not ours hides none that is.</summary>
    private static void Check(VectorRun run, JsonElement vector)
    {
        var (id, metric) = (vector.GetProperty("id").GetString()!, vector.GetProperty("metric").GetString()!);
        var (input, expected) = (vector.GetProperty("input"), vector.GetProperty("expected"));
        var tolerance = vector.GetProperty("tolerance").GetDouble();
        var figures =
            expected.ValueKind == JsonValueKind.Object
                ? expected.EnumerateObject().Select(e => (e.Name, Expected: e.Value)).ToArray()
                : [(metric, expected)];
        foreach (var (figure, value) in figures)
        {
            run.Check(id, figure, () => IsMet(input, figure, value, tolerance));
        }
    }

    private static bool IsMet(JsonElement input, string figure, JsonElement value, double tolerance)
    {
        var scores = input.TryGetProperty("s", out _) ? Numbers(input, "s") : Numbers(input, "p");
        if (Measure(figure, scores, Numbers(input, "y")) is not { } actual)
        {
            return false;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            Assert.True(double.IsNaN(actual), $"{value} expected, was {actual:R}");
        }
        else
        {
            Assert.True(Math.Abs(actual - value.GetDouble()) <= tolerance, $"{value} expected, was {actual:R}");
        }

        return true;
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
