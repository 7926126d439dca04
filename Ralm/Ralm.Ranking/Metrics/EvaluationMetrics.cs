using System.Collections.Immutable;

namespace Ralm.Ranking.Metrics;

/// <param name="Name">As it stands in reports and beside a version, there after "test_".</param>
/// <param name="Ceiling">Better is more. Otherwise better is less.</param>
/// <param name="Resampled">Its interval by resampling users means something: not so for shares of all candidates.</param>
public sealed record EvaluationMetric(string Name, bool Ceiling, bool Resampled = true);

/// <summary>Every figure of an evaluation, in the order of <see cref="MeasuredScores.Measure()"/>.</summary>
public static class EvaluationMetrics
{
    public const string Auc = "auc";
    public const string LogLoss = "log_loss";

    /// <summary>Lengths of the lists that precision, recall and NDCG look at; the longest for Gini and coverage.</summary>
    public static readonly ImmutableArray<int> ListLengths = [5, 10];

    public static readonly ImmutableArray<EvaluationMetric> All =
    [
        new(Auc, true),
        new("average_precision", true),
        new(LogLoss, false),
        new("brier", false),
        new("calibration_error", false),
        new("accuracy", true),
        new("f1", true),
        new("matthews", true),
        .. ListLengths.SelectMany(k =>
            new EvaluationMetric[]
            {
                new($"precision_at_{k}", true),
                new($"recall_at_{k}", true),
                new($"ndcg_at_{k}", true),
            }
        ),
        new($"gini_at_{ListLengths[^1]}", false, Resampled: false),
        new($"coverage_at_{ListLengths[^1]}", true, Resampled: false),
    ];

    public static int PlaceOf(string name) => All.Select(m => m.Name).ToList().IndexOf(name);
}
