using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Calibration;

/// <summary>
/// From a model's own log odds to the probability that is told. First its class weight is taken back: trained with positives
/// that count w times, a model has learned odds w times too large (exact for the log loss: Elkan 2001; King and Zeng 2001).
/// Then comes the map that was fitted on the validation rows, if any.
/// </summary>
/// <param name="PositiveWeight">Of the loss, above 0; 1: nothing is taken back.</param>
/// <param name="Map"><c>null</c>: none.</param>
public sealed record ScoreCalibration(double PositiveWeight, ICalibrationMap? Map = null)
{
    public static readonly ScoreCalibration None = new(1);

    /// <summary>The model's own probabilities are told.</summary>
    public bool IsNone => PositiveWeight == 1 && Map is null;

    public string Method => Map?.Method ?? CalibrationMethods.None;

    /// <summary>
    /// The part of it that is a line over the model's own log odds, and that an online learner can learn through: what is
    /// left is a map that it does not see.
    /// </summary>
    public (double Slope, double Intercept) Line =>
        Map is PlattScaling platt
            ? (platt.Slope, platt.Map(-Math.Log(PositiveWeight)))
            : (1, PositiveWeight == 1 ? 0 : -Math.Log(PositiveWeight));

    /// <summary>Without the class weight, before the map.</summary>
    public double Corrected(double logOdds) => logOdds - Math.Log(PositiveWeight);

    public double Probability(double logOdds)
    {
        var corrected = Corrected(logOdds);
        return Sigmoid(Map?.Map(corrected) ?? corrected);
    }

    /// <summary>What is told where <see cref="Line"/> has been applied already.</summary>
    public double ProbabilityOfLine(double logOdds) =>
        Sigmoid(Map is null or PlattScaling ? logOdds : Map.Map(logOdds));

    /// <param name="logOdds">The model's own.</param>
    public void Probabilities(ReadOnlySpan<float> logOdds, Span<float> probabilities)
    {
        for (var row = 0; row < logOdds.Length; row++)
        {
            probabilities[row] = (float)Probability(logOdds[row]);
        }
    }

    /// <summary>Fits a map to what the model says of rows it was not trained on.</summary>
    /// <param name="method">One of <see cref="CalibrationMethods"/>.</param>
    /// <param name="logOdds">The model's own.</param>
    /// <param name="labels">0 to 1, one per score.</param>
    /// <returns>Without a map where none keeps the order of the scores.</returns>
    public static ScoreCalibration Fit(
        string method,
        double positiveWeight,
        ReadOnlySpan<float> logOdds,
        ReadOnlySpan<float> labels
    )
    {
        var plain = new ScoreCalibration(positiveWeight);
        var corrected = new double[logOdds.Length];
        for (var row = 0; row < corrected.Length; row++)
        {
            corrected[row] = plain.Corrected(logOdds[row]);
        }

        return !Array.TrueForAll(corrected, double.IsFinite)
            ? plain
            : method switch
            {
                CalibrationMethods.Platt => plain with { Map = PlattScaling.Fit(corrected, labels) },
                CalibrationMethods.Isotonic => plain with { Map = IsotonicCurve.Fit(corrected, labels) },
                _ => plain,
            };
    }

    /// <summary>What a report says of it; <c>null</c> where the model's own probabilities are told.</summary>
    /// <param name="logOdds">The model's own, of the test rows.</param>
    public AppliedCalibration? Told(ReadOnlySpan<float> logOdds, ReadOnlySpan<float> labels)
    {
        if (IsNone)
        {
            return null;
        }

        var told = new AppliedCalibration { Method = Method, PositiveWeight = PositiveWeight };
        switch (Map)
        {
            case PlattScaling platt:
                (told.Slope, told.Intercept) = (platt.Slope, platt.Intercept);
                break;
            case IsotonicCurve curve:
                told.Points = curve.LogOdds.Length;
                break;
        }

        if (!labels.IsEmpty)
        {
            var (own, now) = (new float[labels.Length], new float[labels.Length]);
            None.Probabilities(logOdds, own);
            Probabilities(logOdds, now);
            told.ErrorBefore = RankingMetrics.CalibrationError<float>(own, labels);
            told.ErrorAfter = RankingMetrics.CalibrationError<float>(now, labels);
        }

        return told;
    }

    internal static double Sigmoid(double logOdds)
    {
        // Neither overflows nor loses what is next to 0.
        var e = Math.Exp(-Math.Abs(logOdds));
        return logOdds >= 0 ? 1 / (1 + e) : e / (1 + e);
    }
}
