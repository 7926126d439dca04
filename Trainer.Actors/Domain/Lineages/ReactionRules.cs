using System.Globalization;
using Ralm.Drift.Detectors;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>What a lineage may be told to do when its predictions become worse.</summary>
internal static class ReactionRules
{
    /// <summary>Its detector has no false alarm in 50,000 samples, and notices a rise of the error from .2 to .4 within 152 (docs/drift.md).</summary>
    private static readonly DriftReaction Default = new()
    {
        Detector = "adwin",
        RateFactor = 7,
        Replays = 8,
        Window = 1_000,
        Lasts = 2_000,
        Alpha = 0.05,
    };

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
    /// <param name="now">What stays where nothing is said; null: the defaults.</param>
    public static DriftReaction Filled(DriftReaction? c, DriftReaction? now = null)
    {
        now ??= Default;
        return new()
        {
            Detector = c?.Detector is { Length: > 0 } detector ? detector : now.Detector,
            RateFactor = c is { HasRateFactor: true } ? c.RateFactor : now.RateFactor,
            Replays = c is { HasReplays: true } ? c.Replays : now.Replays,
            Window = c is { HasWindow: true } ? c.Window : now.Window,
            Lasts = c is { HasLasts: true } ? c.Lasts : now.Lasts,
            Alpha = c is { HasAlpha: true } ? c.Alpha : now.Alpha,
        };
    }

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
