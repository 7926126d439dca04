using System.Globalization;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>All evaluations of a version: the one it was registered with, and those asked for later.</summary>
internal static class VersionEvaluations
{
    private const string Auc = $"test_{EvaluationMetrics.Auc}";

    public static IEnumerable<(string DatasetHash, EvaluationRef Evaluation)> AllEvaluations(
        this ModelVersion version
    ) =>
        (version.Evaluation is { } own ? [(version.DatasetHash, own)] : Array.Empty<(string, EvaluationRef)>()).Concat(
            version.Evaluations.Select(e => (e.DatasetHash, e.Evaluation))
        );

    /// <summary>
    /// By which figures the version is worse than another beyond their intervals, judged on the same rows; null: by none, or they
    /// were never judged alike.
    /// </summary>
    public static string? WorseThan(this ModelVersion version, ModelVersion other)
    {
        foreach (var (dataset, figures) in version.AllFigures())
        {
            var (mine, others) = (
                Find(figures, Auc),
                Find(other.AllFigures().FirstOrDefault(o => o.DatasetHash == dataset).Figures ?? [], Auc)
            );
            if (mine is { HasHigh: true } && others is { HasLow: true } && mine.High < others.Low)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"test AUC {mine.Value:F4} ({mine.Low:F4} to {mine.High:F4}) against {others.Value:F4} ({others.Low:F4} to {others.High:F4})"
                );
            }
        }

        return null;
    }

    private static IEnumerable<(string DatasetHash, IReadOnlyCollection<Metric> Figures)> AllFigures(
        this ModelVersion version
    ) =>
        ((string, IReadOnlyCollection<Metric>)[])
            [(version.DatasetHash, version.Metrics), .. version.Evaluations.Select(e => (e.DatasetHash, e.Metrics))];

    private static Metric? Find(IEnumerable<Metric> figures, string name) =>
        figures.FirstOrDefault(f => f.Name == name);

    /// <param name="datasetHash">Empty: what it was registered with, or else the last one.</param>
    public static EvaluationRef? EvaluationOn(this ModelVersion version, string datasetHash) =>
        datasetHash.Length == 0
            ? version.Evaluation ?? version.Evaluations.LastOrDefault()?.Evaluation
            : version.AllEvaluations().FirstOrDefault(e => e.DatasetHash == datasetHash).Evaluation;
}
