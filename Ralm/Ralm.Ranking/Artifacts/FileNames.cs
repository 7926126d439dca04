using RalmActors.Messages.Training;

namespace Ralm.Ranking.Artifacts;

/// <summary>How files of the artefact folder are called: the sha256 of their bytes, and what they are.</summary>
internal static class FileNames
{
    public const string Model = ".safetensors";
    public const string Seeds = ".seeds";
    public const string Report = ".evaluation.json";
    public const string Rows = ".test-rows";
    public const string Scores = ".test-scores";

    public static string OfModel(ArtifactRef artifact) => artifact.Hash + Model;

    /// <summary>The model, and the seeds it was trained with.</summary>
    public static IEnumerable<string> Of(ArtifactRef? artifact)
    {
        if (artifact is null)
        {
            yield break;
        }

        yield return OfModel(artifact);
        if (artifact.SeedsHash.Length > 0)
        {
            yield return artifact.SeedsHash + Seeds;
        }
    }

    public static string OfReport(EvaluationRef evaluation) => evaluation.Hash + Report;

    /// <summary>The report, its rows and its scores.</summary>
    public static IEnumerable<string> Of(EvaluationRef? evaluation)
    {
        if (evaluation is null)
        {
            yield break;
        }

        yield return OfReport(evaluation);
        if (evaluation.RowsHash.Length > 0)
        {
            yield return evaluation.RowsHash + Rows;
            yield return evaluation.ScoresHash + Scores;
        }
    }
}
