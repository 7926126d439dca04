using MathNet.Numerics.Statistics;
using RalmActors.Messages.Serving;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>A version's scores beside the champion's, request by request, as sums.</summary>
internal sealed class ShadowTally
{
    /// <summary>A model's first requests pay for what it will not do again: they are not timed.</summary>
    private const int WarmUp = 3;

    private readonly ShadowCounts _counts = new();

    public ShadowCounts Counts => _counts.Clone();

    /// <summary>The version gave no answer.</summary>
    public void Fail()
    {
        _counts.Requests++;
        _counts.Failures++;
    }

    /// <param name="champion">What was shown, one score per candidate.</param>
    /// <param name="shadow">Of the same candidates, in the same order.</param>
    public void Add(double[] champion, double[] shadow, double championSeconds, double shadowSeconds)
    {
        if (shadow.Length != champion.Length || !shadow.All(double.IsFinite))
        {
            Fail();
            return;
        }

        _counts.Requests++;
        _counts.Candidates += champion.Length;
        _counts.AbsoluteDifference += champion.Zip(shadow, (a, b) => Math.Abs(a - b)).Sum();
        if (champion.Distinct().Skip(1).Any() && shadow.Distinct().Skip(1).Any())
        {
            _counts.Ranked++;
            _counts.RankCorrelation += Correlation.Spearman(champion, shadow);
        }

        if (_counts.Requests - _counts.Failures > WarmUp)
        {
            _counts.Timed++;
            _counts.ChampionSeconds += championSeconds;
            _counts.ShadowSeconds += shadowSeconds;
        }
    }
}
