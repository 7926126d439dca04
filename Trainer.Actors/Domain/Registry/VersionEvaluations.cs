using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>All evaluations of a version: the one it was registered with, and those asked for later.</summary>
internal static class VersionEvaluations
{
    public static IEnumerable<(string DatasetHash, EvaluationRef Evaluation)> AllEvaluations(
        this ModelVersion version
    ) =>
        (version.Evaluation is { } own ? [(version.DatasetHash, own)] : Array.Empty<(string, EvaluationRef)>()).Concat(
            version.Evaluations.Select(e => (e.DatasetHash, e.Evaluation))
        );

    /// <param name="datasetHash">Empty: what it was registered with, or else the last one.</param>
    public static EvaluationRef? EvaluationOn(this ModelVersion version, string datasetHash) =>
        datasetHash.Length == 0
            ? version.Evaluation ?? version.Evaluations.LastOrDefault()?.Evaluation
            : version.AllEvaluations().FirstOrDefault(e => e.DatasetHash == datasetHash).Evaluation;
}
