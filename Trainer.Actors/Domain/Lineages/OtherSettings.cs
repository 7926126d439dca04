using System.Globalization;
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
        ["checkpoint_every"] = (c, v) => c.CheckpointEvery = Whole(v),
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
    public static (LineageSettings? Settings, Rejection? Rejection) Of(
        LineageOpened opened,
        IReadOnlyDictionary<string, string> settings
    )
    {
        if (settings.Count == 0)
        {
            return (new LineageSettings(opened), null);
        }

        var asked = new OpenLineage
        {
            Family = opened.Family,
            VersionId = opened.VersionId,
            Base = opened.Base,
            Optimizer = opened.Optimizer?.Clone() ?? new OptimizerConfig(),
            BatchSize = opened.BatchSize,
            CheckpointEvery = opened.CheckpointEvery,
            // Opened before lineages reacted, it does not, whatever else is asked for.
            Reaction = opened.Reaction?.Clone() ?? new DriftReaction { Detector = "none" },
        };
        foreach (var (name, text) in settings)
        {
            if (Set(asked, name, text) is { } rejection)
            {
                return (null, rejection);
            }
        }

        return LineageRules.Check(asked) is { } refused
            ? (null, refused)
            : (
                new LineageSettings(
                    LineageRules.Opened(asked, opened.Base),
                    settings.ContainsKey("batch_size"),
                    settings.ContainsKey("checkpoint_every")
                ),
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
