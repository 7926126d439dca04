using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Artifacts;

/// <summary>The one rule for a reference to stored weights.</summary>
internal static class ArtifactRules
{
    private const string Rule = "must be 64 lower-case hex digits";

    public static Rejection? Check(string field, ArtifactRef? artifact) =>
        artifact is null ? Rejections.Invalid(field, "", "must be set")
        : !IsSha256(artifact.Hash) ? Rejections.Invalid($"{field}.hash", artifact.Hash, Rule)
        : artifact.WeightsHash.Length > 0 && !IsSha256(artifact.WeightsHash)
            ? Rejections.Invalid($"{field}.weights_hash", artifact.WeightsHash, Rule)
        : artifact.SeedsHash.Length > 0 ? CheckHash($"{field}.seeds_hash", artifact.SeedsHash)
        : null;

    public static Rejection? CheckHash(string field, string hash) =>
        IsSha256(hash) ? null : Rejections.Invalid(field, hash, Rule);

    /// <summary>An evaluation may be missing.</summary>
    public static Rejection? Check(string field, EvaluationRef? evaluation) =>
        evaluation is null || IsSha256(evaluation.Hash)
            ? null
            : Rejections.Invalid($"{field}.hash", evaluation.Hash, Rule);

    private static bool IsSha256(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
}
