using System.Collections.Frozen;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Torch.Models;

/// <summary>Every model by its name. A new one is a line here.</summary>
public static class RankingModels
{
    private static readonly FrozenDictionary<string, Func<ModelConfig, ModelShape, IRankingModel>> ByName =
        new Dictionary<string, Func<ModelConfig, ModelShape, IRankingModel>>(StringComparer.Ordinal)
        {
            [TwoTowerMha.Name] = (config, shape) => new TwoTowerMha(config, shape),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="config">Complete: every default filled in.</param>
    /// <exception cref="ArgumentException">No model has that name.</exception>
    public static IRankingModel Create(ModelConfig config, ModelShape shape) =>
        ByName.TryGetValue(config.Model, out var create)
            ? create(config, shape)
            : throw new ArgumentException(
                $"model.model \"{config.Model}\" is not one of {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal))}",
                nameof(config)
            );
}
