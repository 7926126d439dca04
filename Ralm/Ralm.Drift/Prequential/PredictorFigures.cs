namespace Ralm.Drift.Prequential;

/// <summary>How good a predictor was on some rows. Figures of no rows are NaN.</summary>
/// <param name="Rows">How many; of fading figures, how many equal ones they weigh.</param>
/// <param name="LogLoss">Mean negative log likelihood, in nats.</param>
/// <param name="Accuracy">Share on the right side of 0.5, 0 to 1.</param>
/// <param name="MeanPredicted">Mean probability.</param>
/// <param name="MeanObserved">Mean label.</param>
/// <param name="CalibrationError">Gap between said and seen, weighted over bins of equal width (Naeini et al. 2015).</param>
/// <param name="Auc">NaN where all labels are equal, and of fading figures: it is no sum over rows.</param>
public sealed record PredictorFigures(
    double Rows,
    double LogLoss,
    double Accuracy,
    double MeanPredicted,
    double MeanObserved,
    double CalibrationError,
    double Auc
);
