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
    private const int NoReplays = -1;

    public static Rejection? Check(DriftReaction? c) =>
        c is null
            ? null
            : CheckDetector(c.Detector)
                ?? Number("reaction.rate_factor", c.RateFactor, 1, 1_000)
                ?? Limits.Within("reaction.replays", c.Replays, NoReplays, 100)
                ?? Number("reaction.window", c.Window, 32, 10_000)
                ?? Number("reaction.lasts", c.Lasts, 32, 1_000_000)
                ?? Number("reaction.alpha", c.Alpha, 0.0001, 0.5);

    /// <summary>Every default written out.</summary>
    public static DriftReaction Filled(DriftReaction? c) =>
        new()
        {
            Detector = c?.Detector is { Length: > 0 } detector ? detector : DefaultDetector,
            RateFactor = c is { RateFactor: > 0 } ? c.RateFactor : DefaultRateFactor,
            Replays = c?.Replays switch
            {
                null or 0 => DefaultReplays,
                NoReplays => 0,
                { } replays => replays,
            },
            Window = c is { Window: > 0 } ? c.Window : DefaultWindow,
            Lasts = c is { Lasts: > 0 } ? c.Lasts : DefaultLasts,
            Alpha = c is { Alpha: > 0 } ? c.Alpha : DefaultAlpha,
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

    private static Rejection? Number(string field, double value, double least, double most) =>
        Limits.Must(
            value == 0 || (value >= least && value <= most),
            field,
            value.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"must be {least} to {most}, or 0 for the default")
        );
}
