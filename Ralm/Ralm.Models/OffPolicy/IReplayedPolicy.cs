using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;

namespace Ralm.Models.OffPolicy;

/// <summary>A policy that is asked about decisions of others: it scores as it would have at that moment of the journal.</summary>
public interface IReplayedPolicy : IDisposable
{
    /// <summary>What the journal says of it, in order.</summary>
    void Hear(IEvent e);

    /// <summary>Probabilities of a decision's candidates, 0 to 1, in its order.</summary>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    float[] Score(string userId, LoggedDecision decision);
}
