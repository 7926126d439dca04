namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// Asynchronous successive halving (Li et al. 2020, "A system for massively parallel hyperparameter tuning"), in the form
/// that stops instead of pausing: at each rung a trial goes on when it is among the best 1/eta of those that have come there.
/// </summary>
internal static class AshaRule
{
    /// <summary>min_epochs, min_epochs * eta, ... below the last epoch.</summary>
    public static IEnumerable<int> Rungs(int minEpochs, int eta, int maxEpochs)
    {
        for (long rung = minEpochs; rung < maxEpochs; rung *= eta)
        {
            yield return (int)rung;
        }
    }

    /// <param name="score">Higher is better.</param>
    /// <param name="earlier">Scores at the same rung of earlier trials.</param>
    public static bool Keeps(double score, IReadOnlyCollection<double> earlier, int eta) =>
        earlier.Count(other => other > score) < Math.Max(1, (earlier.Count + 1) / eta);
}
