using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ralm.Ranking.Calibration;

namespace Ralm.Models.Artifacts;

/// <summary>A calibration inside a model card. What a method does not have is left out.</summary>
internal sealed record CalibrationJson
{
    public required string Method { get; init; }

    public required double PositiveWeight { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Slope { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Intercept { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double[]? LogOdds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double[]? Calibrated { get; init; }

    public static CalibrationJson? From(ScoreCalibration calibration) =>
        calibration.IsNone
            ? null
            : new()
            {
                Method = calibration.Method,
                PositiveWeight = calibration.PositiveWeight,
                Slope = (calibration.Map as PlattScaling)?.Slope,
                Intercept = (calibration.Map as PlattScaling)?.Intercept,
                LogOdds = (calibration.Map as IsotonicCurve)?.LogOdds.ToArray(),
                Calibrated = (calibration.Map as IsotonicCurve)?.Calibrated.ToArray(),
            };

    /// <exception cref="InvalidDataException">A method that is not known, or numbers that are none of its.</exception>
    public ScoreCalibration ToCalibration() =>
        PositiveWeight > 0 && double.IsFinite(PositiveWeight)
            ? new ScoreCalibration(PositiveWeight, Map())
            : throw Refused("positive_weight", PositiveWeight, "must be above 0");

    private ICalibrationMap? Map()
    {
        switch (Method)
        {
            case CalibrationMethods.None:
                return null;
            case CalibrationMethods.Platt when Slope is > 0 && Intercept is { } intercept && double.IsFinite(intercept):
                return new PlattScaling(Slope.Value, intercept);
            case CalibrationMethods.Platt:
                throw Refused("slope", Slope, "must be above 0, and intercept be there");
            case CalibrationMethods.Isotonic
                when LogOdds is { Length: >= 2 } from
                    && Calibrated is { } to
                    && to.Length == from.Length
                    && Rises(from)
                    && Rises(to):
                return new IsotonicCurve([.. from], [.. to]);
            case CalibrationMethods.Isotonic:
                throw Refused(
                    "log_odds",
                    LogOdds?.Length,
                    "and calibrated must be as many rising numbers, two at least"
                );
            default:
                throw Refused("method", Method, "must be none, platt or isotonic");
        }
    }

    private static bool Rises(double[] numbers) => !numbers.Zip(numbers.Skip(1)).Any(n => !(n.First < n.Second));

    private static InvalidDataException Refused(string field, object? value, string rule) =>
        new($"the model card's calibration.{field} \"{value}\" {rule}");
}
