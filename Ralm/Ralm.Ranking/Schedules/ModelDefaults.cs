using System.Collections.Frozen;

namespace Ralm.Ranking.Schedules;

/// <summary>What a run that leaves a choice open gets, by model.</summary>
/// <param name="Dropout">Share of units dropped.</param>
/// <param name="LearningRate">Offline.</param>
/// <param name="Prior">Its share per row is the weight decay; see <see cref="WeightDecays"/>.</param>
/// <param name="Patience">Epochs without improvement.</param>
internal sealed record ModelDefaults(float Dropout, float LearningRate, float Prior, int Patience)
{
    public const string Model = "Ralm";

    private static readonly ModelDefaults General = new(0.1f, 0.001f, 0, 3);

    /// <summary>Chosen on cross-validated public data sets of a few thousand rows, where it matters most.</summary>
    private static readonly ModelDefaults Seeded = new(0.3f, 0.0005f, 50, 5);

    private static readonly FrozenDictionary<string, ModelDefaults> ByModel = new Dictionary<string, ModelDefaults>(
        StringComparer.Ordinal
    )
    {
        ["Ralm"] = Seeded,
        ["MeanPooledSeeds"] = Seeded,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static ModelDefaults Of(string model) => ByModel.GetValueOrDefault(model, General);
}
