using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Artifacts;

/// <summary>The one rule for a reference to stored weights.</summary>
internal static class ArtifactRules
{
    private const string Rule = "must be 64 lower-case hex digits";

    public static Rejection? Check(string field, ArtifactRef? artifact) =>
        artifact is null ? Decision.Invalid(field, "", "must be set").Rejection
        : !IsSha256(artifact.Hash) ? Decision.Invalid($"{field}.hash", artifact.Hash, Rule).Rejection
        : artifact.WeightsHash.Length > 0 && !IsSha256(artifact.WeightsHash)
            ? Decision.Invalid($"{field}.weights_hash", artifact.WeightsHash, Rule).Rejection
        : artifact.SeedsHash.Length > 0 ? CheckHash($"{field}.seeds_hash", artifact.SeedsHash)
        : null;

    public static Rejection? CheckHash(string field, string hash) =>
        IsSha256(hash) ? null : Decision.Invalid(field, hash, Rule).Rejection;

    /// <summary>An evaluation may be missing.</summary>
    public static Rejection? Check(string field, EvaluationRef? evaluation) =>
        evaluation is null || IsSha256(evaluation.Hash)
            ? null
            : Decision.Invalid($"{field}.hash", evaluation.Hash, Rule).Rejection;

    private static bool IsSha256(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
}
