using Ralm.Models.Artifacts;
using Ralm.Models.Serving;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;

namespace Ralm.Models.OffPolicy;

/// <summary>A version: its weights never change. One thread.</summary>
/// <remarks>
/// Of seeds it is told what was made of them when the list was shown. That is its own where the model that decided has the same look-alike
/// weights, as all that is learned online from one version has; else it scores as without seeds.
/// </remarks>
public sealed class FixedPolicy : IReplayedPolicy
{
    private readonly ServingModel _model;

    /// <exception cref="ArtifactException">Missing, corrupt, or not a model.</exception>
    public FixedPolicy(ArtifactRef artifact, ArtifactStore store, string device = "cpu")
        : this(store.Load(artifact), device) { }

    internal FixedPolicy(ModelArtifact artifact, string device) => _model = new ServingModel(artifact, device);

    internal void Adopt((int From, float[] Values) learned) => _model.Adopt(learned.From, learned.Values);

    public void Hear(IEvent e)
    {
        // Whatever happens, it is what it was.
    }

    public float[] Score(string userId, LoggedDecision decision)
    {
        var request = new Score { UserId = userId, User = decision.User };
        request.Candidates.AddRange(
            decision.Candidates.Select(c => new Candidate
            {
                CandidateId = c.CandidateId,
                Features = c.Features,
                Context = c.Context,
            })
        );
        return _model.Score(request, [.. decision.Candidates.Select(c => c.LookAlike)]);
    }

    public void Dispose() => _model.Dispose();
}
