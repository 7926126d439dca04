using System.Collections.Immutable;
using Ralm.Drift.State;
using Ralm.Ranking.Metrics;

namespace Ralm.Drift.Prequential;

/// <summary>
/// Sums over all rows in which each row weighs a constant share of the next one (Gama, Sebastião, Rodrigues, On evaluating stream
/// learning algorithms, Machine Learning 90, 2013): they need no row again.
/// </summary>
/// <param name="Gaps">By bins of the probability: what was said less what was seen.</param>
internal sealed record FadingSums(
    double Weight,
    double Loss,
    double Right,
    double Predicted,
    double Observed,
    ImmutableArray<double> Gaps
)
{
    public static readonly FadingSums Empty = new(0, 0, 0, 0, 0, [.. new double[PrequentialOptions.Bins]]);

    /// <param name="kept">Weight of a row in that of the next one.</param>
    public FadingSums Add(float label, float probability, double kept)
    {
        var gaps = new double[Gaps.Length];
        for (var bin = 0; bin < gaps.Length; bin++)
        {
            gaps[bin] = kept * Gaps[bin];
        }

        gaps[RankingMetrics.Bin(probability, gaps.Length)] += (double)probability - label;
        return new FadingSums(
            kept * Weight + 1,
            kept * Loss + RankingMetrics.LogLoss(probability, label),
            kept * Right + (IsRight(label, probability) ? 1 : 0),
            kept * Predicted + probability,
            kept * Observed + label,
            [.. gaps]
        );
    }

    public PredictorFigures Figures() =>
        new(
            Weight,
            Loss / Weight,
            Right / Weight,
            Predicted / Weight,
            Observed / Weight,
            Gaps.Sum(Math.Abs) / Weight,
            double.NaN
        );

    public static bool IsRight(float label, float probability) =>
        RankingMetrics.IsPositive(label) == RankingMetrics.IsPositive(probability);

    public void Write(StateWriter state)
    {
        foreach (var sum in (ReadOnlySpan<double>)[Weight, Loss, Right, Predicted, Observed, .. Gaps])
        {
            state.Number(sum);
        }
    }

    public static FadingSums Read(StateReader state) =>
        new(
            state.Number(),
            state.Number(),
            state.Number(),
            state.Number(),
            state.Number(),
            [.. Enumerable.Range(0, PrequentialOptions.Bins).Select(_ => state.Number())]
        );
}
