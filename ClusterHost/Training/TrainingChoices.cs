using Ralm.Datasets.Preparation;
using Ralm.Models.Networks;
using Ralm.Ranking.Schedules;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a person chooses for a run, by a file and by options; what both leave out has the default.</summary>
public static class TrainingChoices
{
    private const ulong Seed = 42;

    /// <param name="written">The file's; options that are given go first.</param>
    /// <exception cref="CommandLineException">
    /// Names field, value and rule: now, and not after the tables have been read for an hour.
    /// </exception>
    public static TrainingConfig Of(TrainingConfig written, string? model, int? seed, int? epochs)
    {
        if (seed < 0)
        {
            throw new CommandLineException($"--seed \"{seed}\" must be 0 or more");
        }

        var config = written.Clone();
        config.Model ??= new ModelConfig();
        config.Model.Model = model ?? config.Model.Model;
        config.RandomSeed = (ulong?)seed ?? (config.RandomSeed == 0 ? Seed : config.RandomSeed);
        config.MaxEpochs = epochs ?? config.MaxEpochs;
        if (epochs == 0)
        {
            throw new CommandLineException("--epochs \"0\" must be 1 to 10,000");
        }

        if (config.Model.Model is { Length: > 0 } name && !RankingModels.Names.Contains(name, StringComparer.Ordinal))
        {
            var names = string.Join(", ", RankingModels.Names);
            throw new CommandLineException($"config.model.model \"{name}\" must be one of {names}");
        }

        return ConfigRules.Check(config) is { } refused
            ? throw new CommandLineException($"{refused.Field} \"{refused.Value}\" {refused.Rule}")
            : config;
    }
}
