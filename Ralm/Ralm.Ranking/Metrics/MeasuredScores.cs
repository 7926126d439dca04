namespace Ralm.Ranking.Metrics;

/// <summary>
/// One model's scores on given rows, ready to be measured under any weights of the users: what needs sorting is sorted
/// once, what adds up per user is added up once, so that a resample costs one pass.
/// </summary>
public sealed class MeasuredScores
{
    public const int Bins = 15;

    private readonly EvaluationRows _rows;
    private readonly UserSums[] _sums;
    private readonly bool[] _positive;
    private readonly int[] _user;
    private readonly float[] _gap;
    private readonly int[] _bin;
    private readonly int[] _starts;
    private readonly double[] _exposure;
    private readonly int[] _ones;

    /// <exception cref="ArgumentException">Not one finite score per row, or no rows.</exception>
    public MeasuredScores(EvaluationRows rows, ReadOnlySpan<float> scores)
    {
        if (scores.Length != rows.Count || scores.IsEmpty)
        {
            throw new ArgumentException($"{scores.Length} scores for {rows.Count} rows", nameof(scores));
        }

        var order = ScoreOrder.Of(scores);
        (_rows, _starts) = (rows, order.Starts);
        (_positive, _user) = (new bool[rows.Count], new int[rows.Count]);
        (_gap, _bin) = (new float[rows.Count], new int[rows.Count]);
        var labels = rows.Labels.Span;
        for (var i = 0; i < order.Rows.Length; i++)
        {
            var row = order.Rows[i];
            (_positive[i], _user[i]) = (RankingMetrics.IsPositive(labels[row]), rows.UserOf[row]);
            (_gap[i], _bin[i]) = (scores[row] - labels[row], RankingMetrics.Bin(scores[row], Bins));
        }

        _sums = new UserSums[rows.Users];
        for (var user = 0; user < _sums.Length; user++)
        {
            _sums[user] = UserSums.Of(rows, rows.RowsOfUser[user], scores);
        }

        _exposure = new double[rows.Candidates];
        _ones = Enumerable.Repeat(1, rows.Users).ToArray();
    }

    /// <summary>Every row once.</summary>
    public double[] Measure() => Measure(_ones);

    /// <summary>As if each user's rows were there so many times; NaN where a figure means nothing.</summary>
    /// <param name="weights">Per user.</param>
    /// <returns>One value per metric of <see cref="EvaluationMetrics.All"/>.</returns>
    public double[] Measure(ReadOnlySpan<int> weights)
    {
        var lengths = EvaluationMetrics.ListLengths.Length;
        Span<double> lists = stackalloc double[lengths * 3];
        var (confusion, rows, logLoss, brier, listed) = (default(Confusion), 0.0, 0.0, 0.0, 0.0);
        Array.Clear(_exposure);
        for (var user = 0; user < _sums.Length; user++)
        {
            var (sums, weight) = (_sums[user], weights[user]);
            if (weight == 0)
            {
                continue;
            }

            rows += (double)weight * sums.Rows;
            logLoss += weight * sums.LogLoss;
            brier += weight * sums.Brier;
            confusion += sums.Confusion * weight;
            foreach (var (candidate, share) in sums.Shown)
            {
                _exposure[candidate] += weight * share;
            }

            if (sums.Lists is { } own)
            {
                listed += weight;
                for (var i = 0; i < own.Length; i++)
                {
                    lists[i] += weight * own[i];
                }
            }
        }

        var covered = _exposure.Count(e => e > 0) / (double)_exposure.Length;
        var (auc, precision, calibration) = Order(weights, rows);
        var measured = new double[EvaluationMetrics.All.Length];
        double[] scalars =
        [
            auc,
            precision,
            logLoss / rows,
            brier / rows,
            calibration,
            confusion.Accuracy,
            confusion.F1,
            confusion.Matthews,
        ];
        scalars.CopyTo(measured, 0);
        for (var i = 0; i < lists.Length; i++)
        {
            measured[scalars.Length + i] = listed > 0 ? lists[i] / listed : double.NaN;
        }

        (measured[^2], measured[^1]) = (Inequality.Gini(_exposure), covered);
        return measured;
    }

    /// <summary>AUC, average precision and calibration error: one pass from the highest score to the lowest.</summary>
    private (double Auc, double Precision, double Calibration) Order(ReadOnlySpan<int> weights, double rows)
    {
        Span<double> gaps = stackalloc double[Bins];
        gaps.Clear();
        var (positives, negatives, right, precision) = (0.0, 0.0, 0.0, 0.0);
        for (var g = _starts.Length - 2; g >= 0; g--)
        {
            var (up, down, gap) = (0.0, 0.0, 0.0);
            for (var i = _starts[g]; i < _starts[g + 1]; i++)
            {
                double weight = weights[_user[i]];
                gap += weight * _gap[i];
                _ = _positive[i] ? up += weight : down += weight;
            }

            right += down * (positives + (up / 2));
            (positives, negatives) = (positives + up, negatives + down);
            precision += up > 0 ? up * positives / (positives + negatives) : 0;
            gaps[_bin[_starts[g]]] += gap;
        }

        var calibration = 0.0;
        foreach (var gap in gaps)
        {
            calibration += Math.Abs(gap);
        }

        return (
            positives > 0 && negatives > 0 ? right / (positives * negatives) : double.NaN,
            positives > 0 ? precision / positives : double.NaN,
            calibration / rows
        );
    }
}
