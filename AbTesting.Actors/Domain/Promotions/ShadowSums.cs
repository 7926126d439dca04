using RalmActors.Messages.Serving;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>What all scorers together have seen of a version in shadow: each one's newest report counts.</summary>
internal sealed class ShadowSums
{
    private readonly Dictionary<string, ShadowCounts> _scorers = new(StringComparer.Ordinal);

    public bool Follows { get; private set; }

    public ShadowCounts Sum
    {
        get
        {
            var sum = new ShadowCounts();
            foreach (var seen in _scorers.Values)
            {
                sum.Requests += seen.Requests;
                sum.Failures += seen.Failures;
                sum.Candidates += seen.Candidates;
                sum.AbsoluteDifference += seen.AbsoluteDifference;
                sum.Ranked += seen.Ranked;
                sum.RankCorrelation += seen.RankCorrelation;
                sum.Timed += seen.Timed;
                sum.ChampionSeconds += seen.ChampionSeconds;
                sum.ShadowSeconds += seen.ShadowSeconds;
            }

            return sum;
        }
    }

    public void Restart(bool follows)
    {
        Follows = follows;
        _scorers.Clear();
    }

    /// <summary>A scorer only counts up; what overtook a newer report is no news.</summary>
    public void Hear(ShadowReport report)
    {
        if (!(_scorers.GetValueOrDefault(report.Scorer)?.Requests > report.Counts.Requests))
        {
            _scorers[report.Scorer] = report.Counts;
        }
    }
}
