namespace Ralm.Ranking.Calibration;

/// <summary>From log odds to log odds that are right more often, fitted on rows that no weight was trained on. Never falls.</summary>
public interface ICalibrationMap
{
    /// <summary>One of <see cref="CalibrationMethods"/>.</summary>
    string Method { get; }

    /// <param name="logOdds">In nats, any finite number.</param>
    double Map(double logOdds);
}
