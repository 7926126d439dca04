using System.Collections.Concurrent;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Collects what a model scored, what was true, and what then happened.</summary>
public sealed class AucMeter
{
    private readonly ConcurrentBag<(float Score, double Truth, bool Label)> _pairs = [];

    public void Add(float score, double truth, bool label) => _pairs.Add((score, truth, label));

    public AucPair Read(Func<IReadOnlyList<double>, IReadOnlyList<bool>, double> auc)
    {
        var pairs = _pairs.ToArray();
        var labels = pairs.Select(p => p.Label).ToArray();
        return labels.Contains(true) && labels.Contains(false)
            ? new AucPair(
                Math.Round(auc([.. pairs.Select(p => (double)p.Score)], labels), 4),
                Math.Round(auc([.. pairs.Select(p => p.Truth)], labels), 4),
                pairs.Length
            )
            : new AucPair(0, 0, pairs.Length);
    }
}
