using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace RalmActors.Scorer.Domain.Serving;

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
                : Rejections.Invalid("request_id", request.RequestId, $"must be at most {MaxRequestId} characters")
        )
        ?? Ids.Check("family", request.Family)
        ?? Ids.Check("user_id", request.UserId)
        ?? (request.ExperimentId.Length > 0 ? Ids.Check("experiment_id", request.ExperimentId) : null)
        ?? (request.Unit.Length > 0 ? Ids.Check("unit", request.Unit) : null)
        ?? (
            request.Candidates.Count is > 0 and <= MaxCandidates
                ? null
                : Rejections.Invalid("candidates", request.Candidates.Count, $"must be 1 to {MaxCandidates:N0}")
        )
        ?? ExplorationRules.Check("exploration", request.Exploration)
        ?? FeatureRules.Check("user", request.User)
        ?? CheckCandidates(request);

    public static Rejection? Check(ExplainScore c) =>
        c.Score is null ? Rejections.Invalid("score", "", "must be set")
        : c.Score.Candidates.Count != 1 ? Rejections.Invalid("score.candidates", c.Score.Candidates.Count, "must be 1")
        : c.TopSeeds is >= -1 and <= MaxTopSeeds ? null
        : Rejections.Invalid("top_seeds", c.TopSeeds, $"must be 0 (the default), -1 (none) or up to {MaxTopSeeds}");

    /// <summary>Names are made for what is refused alone: a request has a thousand candidates.</summary>
    private static Rejection? CheckCandidates(Score request)
    {
        for (var i = 0; i < request.Candidates.Count; i++)
        {
            if (CheckCandidate("", request.Candidates[i], request.UserId) is not null)
            {
                return CheckCandidate($"candidates[{i}].", request.Candidates[i], request.UserId);
            }
        }

        return null;
    }

    private static Rejection? CheckCandidate(string at, Candidate candidate, string userId) =>
        Ids.Check($"{at}candidate_id", candidate.CandidateId)
        ?? (
            candidate.CandidateId == userId
                ? Rejections.Invalid($"{at}candidate_id", userId, "must not be user_id")
                : null
        )
        ?? FeatureRules.Check($"{at}features", candidate.Features)
        ?? FeatureRules.Check($"{at}context", candidate.Context);

    /// <summary>The question holds the request: its fields are named from there.</summary>
    public static ExplainReply NotExplained(Rejection ofScore)
    {
        var rejection = ofScore.Clone();
        rejection.Field = $"score.{ofScore.Field}";
        return new ExplainReply { Rejection = rejection };
    }

    /// <summary>The same request in the same phase of the same test is the same exposure.</summary>
    public static string ExposureId(Score request, RunningExperiment? experiment)
    {
        var scope = experiment is null ? request.Family : $"{experiment.ExperimentId}:{experiment.Phase}";
        var room = Ids.MaxLength - request.RequestId.Length - 1;
        return $"{(scope.Length <= room ? scope : scope[..room])}:{request.RequestId}";
    }
}
