using System.Text.Json;
using Ralm.Drift.Detectors;

namespace Ralm.Drift.Tests.Support;

/// <summary>Detectors by the names and parameters of those who published vectors; what they leave out has their defaults.</summary>
internal static class PublishedDetectors
{
    /// <summary>Null: no detector of ours, or a parameter that ours does not have.</summary>
    public static DriftDetector? Make(string name, JsonElement parameters) =>
        name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "ADWIN" => Made(
                "adwin",
                parameters,
                DriftDirections.Both,
                ("delta", "delta", 0.002),
                ("clock", "clock", 32),
                ("max_buckets", "buckets", 5),
                ("min_window_length", "min_part", 5),
                ("grace_period", "least_sample", 10)
            ),
            "DDM" => Made(
                "ddm",
                parameters,
                DriftDirections.Up,
                ("warm_start", "least_sample", 30),
                ("min_num_instances", "least_sample", 30),
                ("warning", "warning", 2),
                ("warning_level", "warning", 2),
                ("warning_threshold", "warning", 2),
                ("drift", "drift", 3),
                ("out_control_level", "drift", 3),
                ("drift_threshold", "drift", 3)
            ),
            "EDDM" => Made(
                "eddm",
                parameters,
                DriftDirections.Up,
                ("warm_start", "least_sample", 30),
                ("alpha", "warning", 0.95),
                ("beta", "drift", 0.9)
            ),
            "HDDMA" => Made(
                "hddm-a",
                parameters,
                DriftDirections.Up,
                ("drift_confidence", "confidence", 0.001),
                ("warning_confidence", "warning_confidence", 0.005)
            ),
            "HDDMW" => Made(
                "hddm-w",
                parameters,
                DriftDirections.Up,
                ("drift_confidence", "confidence", 0.001),
                ("warning_confidence", "warning_confidence", 0.005),
                ("lambda_val", "weight", 0.05),
                ("lambda_option", "weight", 0.05),
                ("lambda", "weight", 0.05)
            ),
            "KSWIN" => Kswin(parameters),
            "PAGEHINKLEY" => Made(
                "page-hinkley",
                parameters,
                DriftDirections.Up,
                ("min_instances", "least_sample", 30),
                ("delta", "delta", 0.005),
                ("threshold", "threshold", 50),
                ("alpha", "forgetting", 0.9999)
            ),
            "CUSUM" => Made(
                "cusum",
                parameters,
                DriftDirections.Both,
                ("min_instances", "least_sample", 30),
                ("slack", "slack", 0.5),
                ("threshold", "threshold", 5)
            ),
            "EWMA" => Made(
                "ewma",
                parameters,
                DriftDirections.Both,
                ("alpha", "weight", 0.1),
                ("threshold", "threshold", 4),
                ("min_instances", "least_sample", 30)
            ),
            "SHEWHART" => Made(
                "shewhart",
                parameters,
                DriftDirections.Both,
                ("k", "sigmas", 3),
                ("min_instances", "least_sample", 30)
            ),
            _ => null,
        };

    /// <summary>Theirs begins its draws anew behind a change, with the rest of its state.</summary>
    public static DriftDetector Restarted(DriftDetector detector, JsonElement parameters) =>
        detector is Kswin kswin && parameters.TryGetProperty("seed", out var seed)
            ? kswin with
            {
                Drawing = new PythonRandom(seed.GetUInt32()).Sample,
            }
            : detector;

    private static DriftDetector? Kswin(JsonElement parameters) =>
        Made(
            "kswin",
            parameters,
            DriftDirections.Both,
            ("alpha", "alpha", 0.005),
            ("window_size", "window", 100),
            ("stat_size", "newest", 30),
            ("seed", "seed", 1)
        )
            is { } made
            ? Restarted(made, parameters)
            : null;

    private static DriftDetector? Made(
        string name,
        JsonElement parameters,
        DriftDirections watch,
        params (string Theirs, string Ours, double Default)[] names
    )
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (theirs, ours, value) in names)
        {
            values.TryAdd(ours, value);
            if (parameters.TryGetProperty(theirs, out var given))
            {
                values[ours] = given.GetDouble();
            }
        }

        foreach (var given in parameters.EnumerateObject())
        {
            if (given.Name is "two_sided" or "two_sided_test" or "two_side_option")
            {
                watch = given.Value.GetBoolean() ? DriftDirections.Both : DriftDirections.Up;
            }
            else if (given.Name == "mode")
            {
                watch = DriftDetectors.Parse($"shewhart direction={given.Value.GetString()}").Watch;
            }
            else if (names.All(n => n.Theirs != given.Name))
            {
                return null;
            }
        }

        // As published: none of them follows what it does not report.
        values["follows"] = 0;
        return DriftDetectors.Make(name, values, watch);
    }
}
