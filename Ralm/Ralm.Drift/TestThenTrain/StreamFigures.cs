using Ralm.Ranking.Metrics;

namespace Ralm.Drift.TestThenTrain;

/// <summary>How good one predictor was on all rows of a stream, each before it was learned. Its memory does not grow.</summary>
public sealed class StreamFigures
{
    private readonly RocCounts _roc = new();
    private double _loss;
    private long _right;

    public long Rows { get; private set; }

    /// <summary>Share on the right side of 0.5; NaN without rows.</summary>
    public double Accuracy => (double)_right / Rows;

    /// <summary>Mean negative log likelihood, in nats; NaN without rows.</summary>
    public double LogLoss => _loss / Rows;

    /// <summary>Area under the ROC curve; scores whose log odds differ by less than 0.0005 may be tied. NaN when all labels are equal.</summary>
    public double Auc => _roc.Auc();

    /// <param name="label">0 to 1; above 0.5 is positive.</param>
    /// <param name="probability">Of a positive.</param>
    /// <returns>The row's log loss.</returns>
    public double Add(double label, double probability)
    {
        var loss = RankingMetrics.LogLoss(probability, label);
        Rows++;
        _loss += loss;
        _right += RankingMetrics.IsPositive((float)label) == RankingMetrics.IsPositive((float)probability) ? 1 : 0;
        _roc.Add(label, probability);
        return loss;
    }
}
