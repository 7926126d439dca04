using System.Globalization;

namespace Ralm.Drift.Detectors;

/// <summary>
/// A detector as settings name it: <c>page-hinkley threshold=30 direction=both</c>. What is left out has its default; the
/// direction is up, where the kind can watch for it.
/// </summary>
internal static class DetectorSettings
{
    private const string Direction = "direction";

    public static DriftDetector Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kind = DriftDetectors.KindOf(words.FirstOrDefault() ?? "");
        var watch = DriftDirections.Up;
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var word in words.Skip(1))
        {
            var (name, value) = word.Split('=', 2) is [var left, var right] ? (left, right) : (word, "");
            if (name == Direction)
            {
                watch = DirectionOf(value);
            }
            else if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                throw new DetectorSettingException(name, value, "must be a number");
            }
            else if (!values.TryAdd(name, number))
            {
                throw new DetectorSettingException(name, value, "stands there twice");
            }
        }

        return DriftDetectors.Make(kind.Name, values, watch);
    }

    public static string TextOf(DriftDetector detector)
    {
        var kind = DriftDetectors.KindOf(detector);
        var values = kind.Parameters.Zip(
            kind.ValuesOf(detector),
            (parameter, value) => $"{parameter.Name}={value.ToString("R", CultureInfo.InvariantCulture)}"
        );
        return string.Join(' ', [kind.Name, .. values, $"{Direction}={TextOf(detector.Watch)}"]);
    }

    public static string TextOf(DriftDirections directions) =>
        directions switch
        {
            DriftDirections.Up => "up",
            DriftDirections.Down => "down",
            DriftDirections.Both => "both",
            _ => "",
        };

    private static DriftDirections DirectionOf(string value) =>
        value switch
        {
            "up" => DriftDirections.Up,
            "down" => DriftDirections.Down,
            "both" => DriftDirections.Both,
            _ => throw new DetectorSettingException(Direction, value, "must be up, down or both"),
        };
}
