using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>A request on its way to a worker, and who asked. What must be known first may make it wait.</summary>
/// <param name="why">Null: no explanation is asked for.</param>
internal sealed class PendingScore(Score request, ExplainScore? why, IActorRef from)
{
    public Score Request => request;

    public ExplainScore? Why => why;

    public IActorRef From => from;

    /// <summary>The same of another request.</summary>
    public PendingScore With(Score other) => new(other, why, from);

    public void Refuse(Rejection rejection) =>
        from.Tell(
            why is null
                ? new ScoreReply { RequestId = request.RequestId, Rejection = rejection }
                : ScoreRules.NotExplained(rejection)
        );
}
