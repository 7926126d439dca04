using Ralm.Models.OffPolicy;
using Ralm.Ranking.OffPolicy;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace RalmActors.ClusterHost.OffPolicy;

/// <summary>
/// Walks a journal once and asks a policy about each decision: with which chance it would have shown first who was shown first. The
/// reward is the label of that candidate's interaction, the first one of the same exposure, and 0 where none came. Of a decision a few
/// numbers are kept until it has its reward, of a user a few sums.
/// </summary>
public sealed class PolicyReplay(IReplayedPolicy policy, PolicyQuestion question, string family)
{
    private const string OfUsers = $"{RegionNames.User}-";

    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private readonly PolicyValue _value = new(question.Cap);
    private readonly RewardModel _rewards = new();
    private readonly string _lineage =
        question.Kind == PolicyKind.Lineage ? $"{RegionNames.Lineage}-{question.Id}" : "";

    /// <summary>Decisions without an interaction with who was shown first: their reward is 0.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Decisions with a feature that the policy's schema cannot read: they are left out.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Decisions that were left out for not being what was asked for.</summary>
    public long Others { get; private set; }

    /// <param name="persistenceId">Whose event it is.</param>
    public void Hear(string persistenceId, IEvent e)
    {
        switch (e)
        {
            case DecisionRecorded recorded when persistenceId.StartsWith(OfUsers, StringComparison.Ordinal):
                Ask(persistenceId[OfUsers.Length..], recorded.Decision);
                break;
            case InteractionRecorded { Sample.ExposureId.Length: > 0 } recorded:
                Reward(recorded.Sample);
                break;
            default:
                if (persistenceId == _lineage)
                {
                    policy.Hear(e);
                }

                break;
        }
    }

    /// <summary>When the journal is over.</summary>
    public PolicyEstimates Estimate()
    {
        foreach (var waiting in _waiting.Values)
        {
            Unanswered++;
            _value.Add(waiting.With(0));
        }

        _waiting.Clear();
        return _value.Estimate();
    }

    private void Ask(string userId, LoggedDecision decision)
    {
        if (!IsAsked(decision))
        {
            Others++;
            return;
        }

        float[] scores;
        try
        {
            scores = policy.Score(userId, decision);
        }
        catch (FeatureException)
        {
            Unreadable++;
            return;
        }

        var chances = DrawnList.FirstPlace(scores, question.Exploration ?? decision.Exploration);
        var (expected, ofShown) = (0.0, 0.0);
        for (var k = 0; k < chances.Length; k++)
        {
            var reward = _rewards.Expected(scores[k], decision.Candidates[k].Score);
            expected += chances[k] * reward;
            ofShown = k == 0 ? reward : ofShown;
        }

        // Of two decisions of one exposure the first is it.
        _waiting.TryAdd(
            decision.ExposureId,
            new Waiting(
                userId,
                decision.Candidates[0].CandidateId,
                Math.Min(1, chances[0]),
                decision.Candidates[0].Propensity,
                ofShown,
                Math.Min(1, expected),
                scores[0],
                decision.Candidates[0].Score
            )
        );
    }

    private bool IsAsked(LoggedDecision decision) =>
        decision.Family == family
        && (question.LoggedBy is null || decision.Arm == question.LoggedBy || decision.VersionId == question.LoggedBy)
        && (question.ExperimentId is null || decision.ExperimentId == question.ExperimentId)
        && (question.From is null || decision.OccurredAt.ToDateTimeOffset() >= question.From)
        && (question.To is null || decision.OccurredAt.ToDateTimeOffset() < question.To);

    private void Reward(Sample sample)
    {
        if (_waiting.TryGetValue(sample.ExposureId, out var waiting) && waiting.CandidateId == sample.CandidateId)
        {
            _waiting.Remove(sample.ExposureId);
            _value.Add(waiting.With(sample.Label));
            _rewards.Learn(waiting.Score, waiting.LoggedScore, sample.Label);
        }
    }

    private sealed record Waiting(
        string UserId,
        string CandidateId,
        double Chance,
        double Propensity,
        double ExpectedOfShown,
        double ExpectedOfPolicy,
        float Score,
        float LoggedScore
    )
    {
        public OffPolicyRow With(double reward) =>
            new(UserId, Chance, Propensity, reward, ExpectedOfShown, ExpectedOfPolicy);
    }
}
