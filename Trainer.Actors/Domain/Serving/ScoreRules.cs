using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace RalmActors.Trainer.Domain.Serving;

/// <summary>What a request for scores must look like.</summary>
internal static class ScoreRules
{
    public const int MaxCandidates = 1000;
    public const int MaxTopSeeds = 100;

    /// <summary>Leaves room for the test's id in the exposure id.</summary>
    public const int MaxRequestId = 48;

    public static Rejection? Check(Score request) =>
        Ids.Check("request_id", request.RequestId)
        ?? (
            request.RequestId.Length <= MaxRequestId
                ? null
                : Decision
                    .Invalid("request_id", request.RequestId, $"must be at most {MaxRequestId} characters")
                    .Rejection
        )
        ?? Ids.Check("family", request.Family)
        ?? Ids.Check("user_id", request.UserId)
        ?? (request.TestId.Length > 0 ? Ids.Check("test_id", request.TestId) : null)
        ?? (request.Unit.Length > 0 ? Ids.Check("unit", request.Unit) : null)
        ?? (
            request.Candidates.Count is > 0 and <= MaxCandidates
                ? null
                : Decision.Invalid("candidates", request.Candidates.Count, $"must be 1 to {MaxCandidates:N0}").Rejection
        )
        ?? CheckPositions("user", request.User)
        ?? request.Candidates.Select(CheckCandidate).FirstOrDefault(bad => bad is not null);

    public static Rejection? Check(ExplainScore c) =>
        c.Score is null ? Decision.Invalid("score", "", "must be set").Rejection
        : c.Score.Candidates.Count != 1
            ? Decision.Invalid("score.candidates", c.Score.Candidates.Count, "must be 1").Rejection
        : c.TopSeeds is >= -1 and <= MaxTopSeeds ? null
        : Decision
            .Invalid("top_seeds", c.TopSeeds, $"must be 0 (the default), -1 (none) or up to {MaxTopSeeds}")
            .Rejection;

    private static Rejection? CheckCandidate(Candidate candidate, int i) =>
        Ids.Check($"candidates[{i}].candidate_id", candidate.CandidateId)
        ?? CheckPositions($"candidates[{i}].features", candidate.Features)
        ?? CheckPositions($"candidates[{i}].context", candidate.Context);

    /// <summary>Half a position is a mistake; latitude 0 is a place.</summary>
    private static Rejection? CheckPositions(string side, Features? features)
    {
        foreach (var feature in features?.Items ?? [])
        {
            if (feature.Position is { } p && !(p.HasLatitude && p.HasLongitude))
            {
                var part = p.HasLatitude ? "longitude" : "latitude";
                return Decision.Invalid($"{side}.{feature.Name}.{part}", "", "must be set").Rejection;
            }
        }

        return null;
    }

    /// <summary>The question holds the request: its fields are named from there.</summary>
    public static ExplainReply NotExplained(Rejection ofScore)
    {
        var rejection = ofScore.Clone();
        rejection.Field = $"score.{ofScore.Field}";
        return new ExplainReply { Rejection = rejection };
    }

    /// <summary>The same request in the same phase of the same test is the same exposure.</summary>
    public static string ExposureId(Score request, RunningTest? test)
    {
        var scope = test is null ? request.Family : $"{test.TestId}:{test.Phase}";
        var room = Ids.MaxLength - request.RequestId.Length - 1;
        return $"{(scope.Length <= room ? scope : scope[..room])}:{request.RequestId}";
    }
}
