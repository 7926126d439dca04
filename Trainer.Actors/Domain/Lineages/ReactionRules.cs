using System.Globalization;
using Ralm.Drift.Detectors;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>What a lineage may be told to do when its predictions become worse.</summary>
internal static class ReactionRules
{
    /// <summary>No false alarm in 50,000 samples, and a rise of the error from .2 to .4 noticed within 152 (docs/drift.md).</summary>
    private const string DefaultDetector = "adwin";
    private const double DefaultRateFactor = 7;
    private const int DefaultReplays = 8;
    private const int DefaultWindow = 1_000;
    private const int DefaultLasts = 2_000;
    private const double DefaultAlpha = 0.05;

    public static Rejection? Check(DriftReaction? c) =>
        c is null
            ? null
            : CheckDetector(c.Detector)
                ?? Within("rate_factor", c.HasRateFactor, c.RateFactor, 1, 1_000)
                ?? Within("replays", c.HasReplays, c.Replays, 0, 100)
                ?? Within("window", c.HasWindow, c.Window, 32, 10_000)
                ?? Within("lasts", c.HasLasts, c.Lasts, 32, 1_000_000)
                ?? Within("alpha", c.HasAlpha, c.Alpha, 0.0001, 0.5);

    /// <summary>Every default written out.</summary>
    public static DriftReaction Filled(DriftReaction? c) =>
        new()
        {
            Detector = c?.Detector is { Length: > 0 } detector ? detector : DefaultDetector,
            RateFactor = c is { HasRateFactor: true } ? c.RateFactor : DefaultRateFactor,
            Replays = c is { HasReplays: true } ? c.Replays : DefaultReplays,
            Window = c is { HasWindow: true } ? c.Window : DefaultWindow,
            Lasts = c is { HasLasts: true } ? c.Lasts : DefaultLasts,
            Alpha = c is { HasAlpha: true } ? c.Alpha : DefaultAlpha,
        };

    private static Rejection? CheckDetector(string detector)
    {
        if (detector is "" or DriftDetectors.None)
        {
            return null;
        }

        try
        {
            DriftDetectors.Parse(detector);
            return null;
        }
        catch (DetectorSettingException e)
        {
            return Rejections.Invalid($"reaction.detector ({e.Field})", e.Value, e.Rule);
        }
    }

    private static Rejection? Within(string field, bool isGiven, double value, double least, double most) =>
        Limits.Must(
            !isGiven || (value >= least && value <= most),
            $"reaction.{field}",
            value.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"must be {least} to {most}")
        );
}
