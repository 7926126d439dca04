using System.Collections.Frozen;
using RalmActors.Messages.Training;

namespace Ralm.Models.Networks;

/// <summary>Every model by its name. A new one is a line here.</summary>
public static class RankingModels
{
    private static readonly FrozenDictionary<string, Func<ModelConfig, InputShape, IRankingModel>> ByName =
        new Dictionary<string, Func<ModelConfig, InputShape, IRankingModel>>(StringComparer.Ordinal)
        {
            [RalmModel.Name] = (config, shape) => new RalmModel(config, shape, SeedPooling.Attention),
            [RalmModel.MeanPooledName] = (config, shape) => new RalmModel(config, shape, SeedPooling.Mean),
            [TwoTowerMha.Name] = (config, shape) => new TwoTowerMha(config, shape),
            [LogisticRegression.Name] = (_, shape) => new LogisticRegression(shape),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>In the alphabet's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <param name="config">Complete: every default filled in.</param>
    /// <exception cref="ArgumentException">No model has that name.</exception>
    public static IRankingModel Create(ModelConfig config, InputShape shape) =>
        ByName.TryGetValue(config.Model, out var create)
            ? create(config, shape)
            : throw new ArgumentException(
                $"model.model \"{config.Model}\" is not one of {string.Join(", ", Names)}",
                nameof(config)
            );
}
