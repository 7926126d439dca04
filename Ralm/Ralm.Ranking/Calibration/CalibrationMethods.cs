namespace Ralm.Ranking.Calibration;

/// <summary>How a run may have its scores calibrated on the validation rows.</summary>
public static class CalibrationMethods
{
    /// <summary>The model's own probabilities.</summary>
    public const string None = "none";

    /// <summary>See <see cref="PlattScaling"/>.</summary>
    public const string Platt = "platt";

    /// <summary>See <see cref="IsotonicCurve"/>.</summary>
    public const string Isotonic = "isotonic";

    public static bool Known(string method) => method is None or Platt or Isotonic;
}
