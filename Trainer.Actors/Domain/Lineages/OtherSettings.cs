using System.Globalization;
using Ralm.Drift.Detectors;
using Ralm.Models.OffPolicy;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>A lineage as it would have been opened with other settings: by the same names, within the same rules.</summary>
public static class OtherSettings
{
    private static readonly Dictionary<string, Action<OpenLineage, double>> Numbers = new(StringComparer.Ordinal)
    {
        ["learning_rate"] = (c, v) => c.Optimizer.LearningRate = (float)v,
        ["weight_decay"] = (c, v) => c.Optimizer.WeightDecay = (float)v,
        ["clip_norm"] = (c, v) => c.Optimizer.ClipNorm = (float)v,
        ["batch_size"] = (c, v) => c.BatchSize = Whole(v),
        ["rate_factor"] = (c, v) => c.Reaction.RateFactor = v,
        ["replays"] = (c, v) => c.Reaction.Replays = Whole(v),
        ["window"] = (c, v) => c.Reaction.Window = Whole(v),
        ["lasts"] = (c, v) => c.Reaction.Lasts = Whole(v),
        ["alpha"] = (c, v) => c.Reaction.Alpha = v,
    };

    private const string Detector = "reaction";

    /// <summary>What may be set.</summary>
    public static IEnumerable<string> Names => Numbers.Keys.Append(Detector);

    /// <param name="opened">Of the lineage's journal.</param>
    /// <param name="settings">Names and values as they were written; none: it is what it was.</param>
    /// <returns>The settings, or why they cannot be.</returns>
    public static (AskedLineage? Asked, Rejection? Rejection) Of(
        LineageOpened opened,
        IReadOnlyDictionary<string, string> settings
    )
    {
        var own = AskedLineage.Of(opened);
        if (settings.Count == 0)
        {
            return (own, null);
        }

        var asked = new OpenLineage
        {
            Family = opened.Family,
            VersionId = opened.VersionId,
            Base = opened.Base,
            Optimizer = own.Settings.Optimizer.Clone(),
            BatchSize = own.Settings.BatchSize,
            CheckpointEvery = own.Settings.CheckpointEvery,
            // Opened before lineages reacted, it does not, whatever else is asked for.
            Reaction = own.Settings.Reaction?.Clone() ?? new DriftReaction { Detector = DriftDetectors.None },
        };
        foreach (var (name, text) in settings)
        {
            if (Set(asked, name, text) is { } rejection)
            {
                return (null, rejection);
            }
        }

        if (LineageRules.Check(asked) is { } refused)
        {
            return (null, refused);
        }

        var others = LineageRules.Opened(asked, opened.Base).Settings;
        others.StepsBySize = own.Settings.StepsBySize;
        return (
            own with
            {
                Settings = others,
                AreItsOwn = false,
                FillsItsBatches = settings.ContainsKey("batch_size"),
            },
            null
        );
    }

    private static Rejection? Set(OpenLineage asked, string name, string text)
    {
        if (name == Detector)
        {
            asked.Reaction.Detector = text;
            return null;
        }

        if (!Numbers.TryGetValue(name, out var set))
        {
            return Rejections.Invalid("setting", name, $"must be one of {string.Join(", ", Names)}");
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number >= 0))
        {
            return Rejections.Invalid(name, text, "must be a number, 0 or above");
        }

        set(asked, number);
        return null;
    }

    /// <summary>What is no whole number is out of every range.</summary>
    private static int Whole(double value) =>
        double.IsInteger(value) && value <= int.MaxValue ? (int)value : int.MaxValue;
}
