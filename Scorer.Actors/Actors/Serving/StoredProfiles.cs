using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// A request without features of the user is scored with the user's stored profile, as an interaction without any is learned
/// with it.
/// </summary>
/// <param name="scorer">Hears <see cref="Known"/>.</param>
internal sealed class StoredProfiles(IReadOnlyActorRegistry regions, IActorRef scorer)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>False: the features are there, or nobody can be asked.</summary>
    public bool Wait(PendingScore first)
    {
        var request = first.Request;
        if (
            request.User is { Items.Count: > 0 }
            || ScoreRules.Check(request) is not null
            || !regions.TryGet<UserRegion>(out var users)
        )
        {
            return false;
        }

        _ = users
            .AskFor<UserReply>(new GetUser { UserId = request.UserId }, Patience)
            .PipeTo(scorer, success: answer => new Known(first, answer));
        return true;
    }

    /// <returns>What is scored; null: it is refused.</returns>
    public static PendingScore? Complete(Known known)
    {
        var first = known.First;
        switch (known.Answer)
        {
            case Answer<UserReply>.Given { Reply.Profile: { } profile }:
                // The request may be another's too: it is not changed.
                var request = first.Request.Clone();
                request.User = profile;
                return first.With(request);
            case Answer<UserReply>.Given or Answer<UserReply>.NotFound:
                return first;
            default:
                first.Refuse(
                    Rejections.Of(
                        RejectionCode.NotAvailable,
                        "user_id",
                        first.Request.UserId,
                        "has a profile that could not be had in time; send the features, or ask again"
                    )
                );
                return null;
        }
    }

    /// <param name="Answer">The user's, or why there is none.</param>
    internal sealed record Known(PendingScore First, Answer<UserReply> Answer) : INoSerializationVerificationNeeded;
}
