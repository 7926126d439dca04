namespace RalmActors.Trainer.Domain.Runs;

/// <summary>How well scores order and match outcomes.</summary>
/// <param name="Auc">Area under the ROC curve; not a number when all labels are of one class.</param>
/// <param name="LogLoss">Mean, probabilities clipped to 1e-7.</param>
public sealed record ValidationMetrics(double Auc, double LogLoss)
{
    private const double Clip = 1e-7;

    /// <summary>AUC as the Mann-Whitney statistic with average ranks on ties (Hanley and McNeil 1982).</summary>
    /// <param name="probabilities">0 to 1. Reordered in place.</param>
    /// <param name="labels">Positive above 0.5. Reordered alike.</param>
    public static ValidationMetrics Of(float[] probabilities, float[] labels)
    {
        var loss = 0.0;
        for (var k = 0; k < labels.Length; k++)
        {
            var p = Math.Clamp(probabilities[k], Clip, 1 - Clip);
            loss -= (labels[k] * Math.Log(p)) + ((1 - labels[k]) * Math.Log(1 - p));
        }

        Array.Sort(probabilities, labels);
        return new(RankSum(probabilities, labels), loss / labels.Length);
    }

    private static double RankSum(float[] sorted, float[] labels)
    {
        var positives = 0L;
        var ranks = 0.0;
        for (var from = 0; from < sorted.Length; )
        {
            var to = from + 1;
            while (to < sorted.Length && sorted[to] == sorted[from])
            {
                to++;
            }

            var ofTie = 0;
            for (var k = from; k < to; k++)
            {
                ofTie += labels[k] > 0.5f ? 1 : 0;
            }

            positives += ofTie;
            ranks += ofTie * (from + 1 + to) / 2.0;
            from = to;
        }

        var negatives = sorted.Length - positives;
        return (ranks - (positives * (positives + 1) / 2.0)) / ((double)positives * negatives);
    }
}
