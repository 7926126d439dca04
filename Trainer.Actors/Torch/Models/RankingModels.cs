using System.Collections.Frozen;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Torch.Models;

/// <summary>Every model by its name. A new one is a line here.</summary>
public static class RankingModels
{
    private static readonly FrozenDictionary<string, Func<ModelConfig, InputWidths, IRankingModel>> ByName =
        new Dictionary<string, Func<ModelConfig, InputWidths, IRankingModel>>(StringComparer.Ordinal)
        {
            [TwoTowerMha.Name] = (config, widths) => new TwoTowerMha(config, widths),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="config">Complete: every default filled in.</param>
    /// <exception cref="ArgumentException">No model has that name.</exception>
    public static IRankingModel Create(ModelConfig config, InputWidths widths) =>
        ByName.TryGetValue(config.Model, out var create)
            ? create(config, widths)
            : throw new ArgumentException(
                $"model.model \"{config.Model}\" is not one of {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal))}",
                nameof(config)
            );
}
