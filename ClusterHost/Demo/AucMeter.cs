using System.Collections.Concurrent;
using Ralm.Ranking.Metrics;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Collects what a model scored, what was true, and what then happened.</summary>
public sealed class AucMeter
{
    private readonly ConcurrentBag<(int Visit, float Score, double Truth, bool Label, int Seeds)> _pairs = [];

    /// <param name="seeds">That the score rests on.</param>
    public void Add(int visit, float score, double truth, bool label, int seeds) =>
        _pairs.Add((visit, score, truth, label, seeds));

    /// <param name="newest">Of the pairs, by their visits, so large a share.</param>
    public AucPair Read(double newest = 1)
    {
        var pairs = _pairs.OrderByDescending(p => p.Visit).Take((int)Math.Ceiling(_pairs.Count * newest)).ToArray();
        var labels = pairs.Select(p => p.Label ? 1f : 0f).ToArray();
        return labels.Contains(1) && labels.Contains(0)
            ? new AucPair(
                Math.Round(RankingMetrics.Auc([.. pairs.Select(p => p.Score)], labels), 4),
                Math.Round(RankingMetrics.Auc([.. pairs.Select(p => (float)p.Truth)], labels), 4),
                pairs.Length,
                Math.Round(pairs.Average(p => p.Seeds), 2)
            )
            : new AucPair(0, 0, pairs.Length, 0);
    }
}
