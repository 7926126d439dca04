using Ralm.Ranking.Metrics;

namespace Ralm.Drift.TestThenTrain;

/// <summary>
/// Area under the ROC curve of a stream of any length, in bounded memory: rows are counted in bins of their log odds, and
/// those of one bin are tied.
/// </summary>
internal sealed class RocCounts
{
    private const int Bins = 1 << 16;

    /// <summary>Log odds beyond which all are tied: one in nine million.</summary>
    private const double Most = 16;

    private readonly long[] _positives = new long[Bins];
    private readonly long[] _negatives = new long[Bins];

    public void Add(double label, double probability)
    {
        var odds = Math.Log(probability) - Math.Log(1 - probability);
        var bin = (int)((Math.Clamp(odds, -Most, Most) + Most) / (2 * Most) * (Bins - 1));
        (RankingMetrics.IsPositive((float)label) ? _positives : _negatives)[bin]++;
    }

    /// <summary>0 to 1; NaN when all labels are equal.</summary>
    public double Auc()
    {
        double right = 0;
        double positives = 0;
        double negatives = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            right += _positives[bin] * (negatives + (_negatives[bin] / 2.0));
            positives += _positives[bin];
            negatives += _negatives[bin];
        }

        return positives == 0 || negatives == 0 ? double.NaN : right / (positives * negatives);
    }
}
