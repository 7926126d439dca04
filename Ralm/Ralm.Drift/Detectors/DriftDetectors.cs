using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>All kinds of detectors by name. One more kind is one more line here.</summary>
public static class DriftDetectors
{
    private const double Tiny = 1e-9;
    private const double Large = 1e12;
    private const int FormatVersion = 1;

    public static readonly ImmutableArray<DetectorKind> Kinds =
    [
        DetectorKind.Of(
            "adwin",
            [Share("delta", 0.002), Whole("clock", 32, 1), Whole("buckets", 5, 2, 100), Whole("min_part", 5, 1)],
            10,
            p => new Adwin(p[0], (int)p[1], (int)p[2], (int)p[3]),
            d => [d.Delta, d.Clock, d.BucketsPerRow, d.MinPart]
        ),
        DetectorKind.Of(
            "page-hinkley",
            [new("delta", 0.005, 0, Large), new("threshold", 50, Tiny, Large), new("forgetting", 0.9999, 0.5, 1)],
            30,
            p => new PageHinkley(p[0], p[1], p[2]),
            d => [d.Delta, d.Threshold, d.Forgetting]
        ),
        DetectorKind.Of(
            "ddm",
            [Sigmas("warning", 2), Sigmas("drift", 3)],
            30,
            p => new Ddm(p[0], p[1]),
            d => [d.WarningSigmas, d.DriftSigmas],
            DriftDirections.Up,
            d => d.WarningSigmas > d.DriftSigmas ? "warning must not be above drift" : null
        ),
        DetectorKind.Of(
            "eddm",
            [Share("warning", 0.8), Share("drift", 0.75)],
            100,
            p => new Eddm(p[0], p[1]),
            d => [d.Warning, d.Drift],
            DriftDirections.Up,
            d => d.Drift > d.Warning ? "drift must not be above warning" : null
        ),
        DetectorKind.Of(
            "hddm-a",
            [Share("confidence", 0.001), Share("warning_confidence", 0.005)],
            2,
            p => new HddmA(p[0], p[1]),
            d => [d.Confidence, d.WarningConfidence],
            rule: d => d.Confidence > d.WarningConfidence ? "confidence must not be above warning_confidence" : null
        ),
        DetectorKind.Of(
            "hddm-w",
            [Share("confidence", 0.0001), Share("warning_confidence", 0.005), Share("weight", 0.05)],
            2,
            p => new HddmW(p[0], p[1], p[2]),
            d => [d.Confidence, d.WarningConfidence, d.Weight],
            rule: d => d.Confidence > d.WarningConfidence ? "confidence must not be above warning_confidence" : null
        ),
        DetectorKind.Of(
            "kswin",
            [
                Share("alpha", 0.0001),
                Whole("window", 400, 4, 10_000),
                Whole("newest", 200, 2, 5_000),
                Whole("seed", 1, 0),
            ],
            2,
            p => new Kswin(p[0], (int)p[1], (int)p[2], (long)p[3]),
            d => [d.Alpha, d.Window, d.Newest, d.Seed],
            rule: d => 2 * d.Newest > d.Window ? "window must be at least twice newest" : null
        ),
        DetectorKind.Of(
            "cusum",
            [new("slack", 0.25, 0, 100), Sigmas("threshold", 25)],
            500,
            p => new Cusum(p[0], p[1]),
            d => [d.Slack, d.Threshold]
        ),
        DetectorKind.Of(
            "ewma",
            [new("weight", 0.01, Tiny, 1), Sigmas("threshold", 5)],
            500,
            p => new Ewma(p[0], p[1]),
            d => [d.Weight, d.Threshold]
        ),
        DetectorKind.Of("shewhart", [Sigmas("sigmas", 6)], 200, p => new Shewhart(p[0]), d => [d.Sigmas]),
    ];

    /// <summary>In settings: no detector.</summary>
    public const string None = "none";

    /// <summary>A detector by its name and the parameters that are not to have their defaults.</summary>
    /// <exception cref="DetectorSettingException">Unknown name or parameter, or a value that is not allowed.</exception>
    public static DriftDetector Make(
        string name,
        IReadOnlyDictionary<string, double>? parameters = null,
        DriftDirections watch = DriftDirections.Up
    )
    {
        var kind = KindOf(name);
        foreach (var (given, value) in parameters ?? ImmutableDictionary<string, double>.Empty)
        {
            if (kind.Parameters.All(p => p.Name != given))
            {
                throw new DetectorSettingException(
                    given,
                    value,
                    $"must be a parameter of {name}: {string.Join(", ", kind.Parameters.Select(p => p.Name))}"
                );
            }
        }

        return kind.Make(
            [.. kind.Parameters.Select(p => parameters?.TryGetValue(p.Name, out var v) == true ? v : p.Default)],
            watch
        );
    }

    /// <summary>A detector as one line of settings: <c>page-hinkley threshold=30 direction=both</c>.</summary>
    /// <exception cref="DetectorSettingException">Names field, value and rule.</exception>
    public static DriftDetector Parse(string settings) => DetectorSettings.Parse(settings);

    /// <summary>The line that <see cref="Parse"/> makes the same detector of, with all its parameters.</summary>
    public static string Describe(DriftDetector detector) => DetectorSettings.TextOf(detector);

    /// <summary>Kind, parameters and state.</summary>
    public static byte[] Save(DriftDetector detector)
    {
        var state = new StateWriter();
        var kind = KindOf(detector);
        state.Count(FormatVersion);
        state.Text(kind.Name);
        state.Count((int)detector.Watch);
        foreach (var value in kind.ValuesOf(detector))
        {
            state.Number(value);
        }

        detector.Write(state);
        return state.ToArray();
    }

    /// <summary>The detector that was saved: it goes on exactly as that one.</summary>
    /// <exception cref="InvalidDataException">Not bytes of <see cref="Save"/>.</exception>
    public static DriftDetector Load(ReadOnlyMemory<byte> bytes)
    {
        var state = new StateReader(bytes);
        var version = state.Count();
        if (version != FormatVersion)
        {
            throw StateReader.Broken($"format {version}, and {FormatVersion} is known");
        }

        try
        {
            var kind = KindOf(state.Text());
            var watch = (DriftDirections)state.Count((int)DriftDirections.Both);
            double[] values = [.. kind.Parameters.Select(_ => state.Number())];
            var detector = kind.Make(values, watch).Read(state);
            state.End();
            return detector;
        }
        catch (DetectorSettingException e)
        {
            throw StateReader.Broken(e.Message);
        }
    }

    internal static DetectorKind KindOf(string name) =>
        Kinds.FirstOrDefault(k => k.Name == name)
        ?? throw new DetectorSettingException(
            "detector",
            name,
            $"must be one of {string.Join(", ", Kinds.Select(k => k.Name))}"
        );

    internal static DetectorKind KindOf(DriftDetector detector) => Kinds.First(k => k.Type == detector.GetType());

    private static DetectorParameter Share(string name, double value) => new(name, value, Tiny, 1 - Tiny);

    private static DetectorParameter Sigmas(string name, double value) => new(name, value, Tiny, 1e6);

    private static DetectorParameter Whole(string name, double value, double least, double most = 1_000_000) =>
        new(name, value, least, most, IsWhole: true);
}
