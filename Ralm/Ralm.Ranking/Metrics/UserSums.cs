namespace Ralm.Ranking.Metrics;

/// <summary>What one user adds to an evaluation.</summary>
/// <param name="Lists">
/// Precision, recall and NDCG for each list length; null for a user without positives, who has no list to judge.
/// </param>
/// <param name="Shown">Candidates of the longest list, and how surely each is in it.</param>
internal sealed record UserSums(
    int Rows,
    double LogLoss,
    double Brier,
    Confusion Confusion,
    double[]? Lists,
    (int Candidate, double Share)[] Shown
)
{
    public static UserSums Of(EvaluationRows rows, ReadOnlySpan<int> own, ReadOnlySpan<float> scores)
    {
        var (mine, labels) = (new float[own.Length], new float[own.Length]);
        var (logLoss, brier, positives, confusion) = (0.0, 0.0, 0, default(Confusion));
        for (var i = 0; i < own.Length; i++)
        {
            (mine[i], labels[i]) = (scores[own[i]], rows.Labels.Span[own[i]]);
            logLoss += RankingMetrics.LogLoss(mine[i], labels[i]);
            brier += ((double)mine[i] - labels[i]) * ((double)mine[i] - labels[i]);
            confusion += Confusion.Of(mine[i], labels[i]);
            positives += RankingMetrics.IsPositive(labels[i]) ? 1 : 0;
        }

        var shown = RankedList.Shown(mine.AsSpan(), EvaluationMetrics.ListLengths[^1]);
        var exposed = new (int, double)[shown.Count];
        for (var i = 0; i < exposed.Length; i++)
        {
            exposed[i] = (rows.CandidateOf[own[shown[i].Row]], shown[i].Share);
        }

        return new(
            own.Length,
            logLoss,
            brier,
            confusion,
            positives == 0 ? null : Judge(mine, labels, positives),
            exposed
        );
    }

    /// <summary>Precision is hits over what could be hit, so that a user with few positives can reach 1.</summary>
    private static double[] Judge(float[] scores, float[] labels, int positives)
    {
        var lists = new List<double>();
        foreach (var k in EvaluationMetrics.ListLengths)
        {
            var hits = RankedList.Hits<float>(scores, labels, k);
            lists.AddRange([
                hits / Math.Min(k, positives),
                hits / positives,
                RankedList.Ndcg<float>(scores, labels, k),
            ]);
        }

        return [.. lists];
    }
}
