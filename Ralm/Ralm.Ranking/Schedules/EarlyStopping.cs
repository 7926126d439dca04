using RalmActors.Messages.Training;

namespace Ralm.Ranking.Schedules;

/// <summary>When training ends, and with which epoch: the best on the validation rows, once none better came for a while.</summary>
public static class EarlyStopping
{
    /// <param name="best">AUC of the best epoch before; null: there was none.</param>
    public static bool IsBest(TrainingConfig config, double auc, double? best) =>
        best is not { } before || auc > before + config.MinDelta;

    /// <param name="epoch">Just ended, from 1.</param>
    /// <param name="best">The best one until now.</param>
    /// <param name="ranking">Epochs that trained the ranking; those of the representation come before and are judged by nothing.</param>
    /// <returns>Why it ends; null: it goes on.</returns>
    public static string? Ends(TrainingConfig config, int epoch, int best, int ranking) =>
        epoch - best >= config.Patience ? "converged"
        : ranking >= config.MaxEpochs ? "max_epochs"
        : null;
}
