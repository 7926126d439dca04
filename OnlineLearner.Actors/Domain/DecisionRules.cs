using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>What a decision must look like to be kept: whole, and drawn with known chances.</summary>
internal static class DecisionRules
{
    public const int MaxCandidates = 1_000;

    /// <summary>Bytes of one decision on the wire; it must fit a remoting frame of 128,000 bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    public static Rejection? Check(RecordDecision c, DateTimeOffset now) =>
        c.Decision is null
            ? Rejections.Invalid("decision", "", "must be set")
            : Ids.Check("decision.exposure_id", c.Decision.ExposureId)
                ?? Ids.Check("decision.family", c.Decision.Family)
                ?? Ids.Check("decision.version_id", c.Decision.VersionId)
                ?? CheckIfSet("decision.artifact_hash", c.Decision.ArtifactHash)
                ?? CheckIfSet("decision.experiment_id", c.Decision.ExperimentId)
                ?? CheckIfSet("decision.arm", c.Decision.Arm)
                ?? (
                    c.Decision.Exploration is null
                        ? Rejections.Invalid(
                            "decision.exploration",
                            "",
                            "must be set: of a list that was not drawn no other policy can be asked"
                        )
                        : ExplorationRules.Check("decision.exploration", c.Decision.Exploration)
                )
                ?? CheckList(c.Decision, c.UserId)
                ?? Timestamps.CheckPast("decision.occurred_at", c.Decision.OccurredAt, now)
                ?? FeatureRules.Check("decision.user", c.Decision.User)
                ?? Limits.Must(
                    c.CalculateSize() <= MaxBytes,
                    "decision",
                    $"{c.CalculateSize()} bytes",
                    $"must be at most {MaxBytes:N0} bytes"
                );

    /// <summary>Not a number is none.</summary>
    public static Rejection? CheckPropensity(string field, double propensity) =>
        Limits.Must(propensity is > 0 and <= 1, field, propensity, "must be above 0, at most 1");

    /// <param name="profile">Stands for features of the user that were left out.</param>
    public static LoggedDecision ToLogged(RecordDecision c, Features? profile, DateTimeOffset now)
    {
        var logged = c.Decision.Clone();
        logged.User = logged.User is { Items.Count: > 0 } ? logged.User : profile;
        logged.OccurredAt ??= Timestamp.FromDateTimeOffset(now);
        return logged;
    }

    private static Rejection? CheckList(LoggedDecision decision, string userId)
    {
        var count = decision.Candidates.Count;
        if (Limits.Within("decision.candidates", count, 1, MaxCandidates) is { } size)
        {
            return size;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var k = 0; k < count; k++)
        {
            var candidate = decision.Candidates[k];
            var at = $"decision.candidates[{k}]";
            var bad =
                Ids.Check($"{at}.candidate_id", candidate.CandidateId)
                ?? Limits.Must(
                    candidate.CandidateId != userId,
                    $"{at}.candidate_id",
                    candidate.CandidateId,
                    "must not be user_id"
                )
                ?? Limits.Must(
                    seen.Add(candidate.CandidateId),
                    $"{at}.candidate_id",
                    candidate.CandidateId,
                    "must not come twice"
                )
                ?? Limits.Must(
                    candidate is { HasScore: true, Score: >= 0 and <= 1 },
                    $"{at}.score",
                    candidate.HasScore ? candidate.Score.ToString(CultureInfo.InvariantCulture) : "",
                    "must be set, 0 to 1"
                )
                ?? CheckPropensity($"{at}.propensity", candidate.Propensity)
                ?? LookAlikeRules.Check($"{at}.look_alike", candidate.LookAlike.Span)
                ?? FeatureRules.Check($"{at}.features", candidate.Features)
                ?? FeatureRules.Check($"{at}.context", candidate.Context);
            if (bad is not null)
            {
                return bad;
            }
        }

        return decision.HasShown
            ? Limits.Within("decision.shown", decision.Shown, 1, count)
            : Rejections.Invalid("decision.shown", "", $"must be set, 1 to {count:N0}");
    }

    private static Rejection? CheckIfSet(string field, string id) => id.Length > 0 ? Ids.Check(field, id) : null;
}
