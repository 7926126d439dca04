using RalmActors.Messages.Serving;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>What all scorers together have seen of a version in shadow: each one's newest report counts.</summary>
internal sealed class ShadowSums
{
    /// <summary>Scorers say every few seconds what they have seen: by then all have.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ShadowCounts> _scorers = new(StringComparer.Ordinal);
    private DateTimeOffset _since;

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

    /// <summary>Whoever has just begun to listen, after a restart, has not heard yet what scorers counted before.</summary>
    public bool IsSettled(DateTimeOffset now) => Follows && now - _since >= Settling;

    public void Restart(bool follows, DateTimeOffset now)
    {
        (Follows, _since) = (follows, now);
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
