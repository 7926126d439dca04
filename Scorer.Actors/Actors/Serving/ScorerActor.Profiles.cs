using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// A request without features of the user is scored with the user's stored profile, as an interaction without any is learned
/// with it.
/// </summary>
public sealed partial class ScorerActor
{
    private static readonly TimeSpan ProfileWait = TimeSpan.FromSeconds(2);

    /// <summary>False: the features are there, or nobody can be asked.</summary>
    private bool WaitsForProfile(FirstRequest first)
    {
        var request = first.Request;
        if (
            request.User is { Items.Count: > 0 }
            || ScoreRules.Check(request) is not null
            || !_registry.TryGet<UserRegion>(out var users)
        )
        {
            return false;
        }

        _ = users
            .AskFor<UserReply>(new GetUser { UserId = request.UserId }, ProfileWait)
            .PipeTo(Self, success: answer => new ProfileKnown(first, answer));
        return true;
    }

    private void Profiled(ProfileKnown known)
    {
        var first = known.First;
        switch (known.Answer)
        {
            case Answer<UserReply>.Given { Reply.Profile: { } profile }:
                // The request may be another's too: it is not changed.
                var request = first.Request.Clone();
                request.User = profile;
                Continue(new FirstRequest(request, first.Why, first.From));
                break;
            case Answer<UserReply>.Given or Answer<UserReply>.NotFound:
                Continue(first);
                break;
            default:
                Refuse(
                    first,
                    Rejections.Of(
                        RejectionCode.NotAvailable,
                        "user_id",
                        first.Request.UserId,
                        "has a profile that could not be had in time; send the features, or ask again"
                    )
                );
                break;
        }
    }

    private static void Refuse(FirstRequest first, Rejection rejection) =>
        first.From.Tell(
            first.Why is null
                ? new ScoreReply { RequestId = first.Request.RequestId, Rejection = rejection }
                : ScoreRules.NotExplained(rejection)
        );

    /// <param name="Answer">The user's, or why there is none.</param>
    private sealed record ProfileKnown(FirstRequest First, Answer<UserReply> Answer)
        : INoSerializationVerificationNeeded;
}
