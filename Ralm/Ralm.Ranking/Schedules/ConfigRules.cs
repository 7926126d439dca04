using System.Collections.Immutable;
using Ralm.Ranking.Calibration;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Schedules;

/// <summary>What a model may be trained with, and what a field that is left out means.</summary>
public static class ConfigRules
{
    public const string OptimizerRule = "must be adam, adamw, sgd, normalized-sgd, adagrad or ftrl";

    private const int MaxWorkers = 16;

    /// <summary>Each is a class of Ralm.Models' Optimizers.</summary>
    public static ImmutableArray<string> OptimizerNames { get; } =
    ["adam", "adamw", "sgd", "normalized-sgd", "adagrad", "ftrl"];

    /// <summary>With every default written out.</summary>
    public static TrainingConfig Complete(TrainingConfig c)
    {
        var model = Complete(c.Model ?? new ModelConfig());
        var defaults = ModelDefaults.Of(model.Model);
        var complete = new TrainingConfig
        {
            Model = model,
            Optimizer = new OptimizerConfig
            {
                Name = c.Optimizer?.Name is { Length: > 0 } name ? name : "adam",
                LearningRate = Or(c.Optimizer?.LearningRate ?? 0, defaults.LearningRate * Copies(c)),
                WeightDecay = c.Optimizer?.WeightDecay ?? 0,
                ClipNorm = c.Optimizer?.ClipNorm ?? 0,
            },
            BatchSize = c.BatchSize,
            RepresentationEpochs = Or(c.RepresentationEpochs, 5),
            Negatives = Or(c.Negatives, 10),
            MaxEpochs = Or(c.MaxEpochs, 20),
            Patience = Or(c.Patience, defaults.Patience),
            MinDelta = c.MinDelta == 0 ? 0.0001 : c.MinDelta,
            RandomSeed = c.RandomSeed,
            Schedule = Complete(c.Schedule ?? new LearningRateSchedule()),
            PositiveWeight = Or(c.PositiveWeight, 1),
            Workers = Or(c.Workers, 1),
            AverageEvery = c.AverageEvery,
        };
        if (c.Calibration is not ("" or CalibrationMethods.None))
        {
            // None is left out: events and model files of runs without calibration are what they were before there was one.
            complete.Calibration = c.Calibration;
        }

        return complete;
    }

    /// <summary>
    /// Copies that are averaged share an epoch's steps, and the average moves as far as one of them: each takes steps as many
    /// times as long (linear scaling: Goyal et al. 2017).
    /// </summary>
    private static int Copies(TrainingConfig c) => c.AverageEvery > 0 ? Math.Clamp(c.Workers, 1, MaxWorkers) : 1;

    private static ModelConfig Complete(ModelConfig m)
    {
        var model = m.Model.Length > 0 ? m.Model : ModelDefaults.Model;
        return new()
        {
            Model = model,
            TowerDim = Or(m.TowerDim, 64),
            HiddenDim = Or(m.HiddenDim, 128),
            Heads = Or(m.Heads, 4),
            Dropout = Or(m.Dropout, ModelDefaults.Of(model).Dropout),
            SeedClusters = Or(m.SeedClusters, 20),
            SeedPrior = Or(m.SeedPrior, 10),
        };
    }

    private static LearningRateSchedule Complete(LearningRateSchedule s) =>
        new()
        {
            Name = s.Name.Length > 0 ? s.Name : LearningRates.Constant,
            Warmup = s.Warmup,
            Floor = s.Floor,
            Decay = Or(s.Decay, 0.1f),
            DecayEvery = Or(s.DecayEvery, 10),
        };

    private static Rejection? Check(LearningRateSchedule s) =>
        Limits.Must(
            s.Name is LearningRates.Constant or LearningRates.Cosine or LearningRates.Step,
            "config.schedule.name",
            s.Name,
            "must be constant, cosine or step"
        )
        ?? Limits.Must(s.Warmup is >= 0 and <= 0.9f, "config.schedule.warmup", s.Warmup, "must be 0 to 0.9")
        ?? Limits.Must(s.Floor is >= 0 and <= 1, "config.schedule.floor", s.Floor, "must be 0 to 1")
        ?? Limits.Must(s.Decay is > 0 and <= 1, "config.schedule.decay", s.Decay, "must be above 0 and at most 1")
        ?? Limits.Within("config.schedule.decay_every", s.DecayEvery, 1, 10_000);

    /// <summary>The first field out of its range; what is left out has its default, which no rule refuses.</summary>
    public static Rejection? Check(TrainingConfig given)
    {
        var c = Complete(given);
        return Ids.Check("config.model.model", c.Model.Model)
            ?? Limits.Within("config.model.tower_dim", c.Model.TowerDim, 1, 4_096)
            ?? Limits.Within("config.model.hidden_dim", c.Model.HiddenDim, 1, 16_384)
            ?? Limits.Within("config.model.heads", c.Model.Heads, 1, 256)
            ?? Limits.Must(
                c.Model.TowerDim % c.Model.Heads == 0,
                "config.model.tower_dim",
                c.Model.TowerDim,
                $"must be a multiple of heads ({c.Model.Heads})"
            )
            ?? Limits.Must(
                c.Model.Dropout is -1 or (>= 0 and <= 0.9f),
                "config.model.dropout",
                c.Model.Dropout,
                "must be 0 to 0.9, or -1 for none"
            )
            ?? Limits.Must(
                OptimizerNames.Contains(c.Optimizer.Name),
                "config.optimizer.name",
                c.Optimizer.Name,
                OptimizerRule
            )
            ?? Limits.Must(
                c.Optimizer.LearningRate is > 0 and <= 10,
                "config.optimizer.learning_rate",
                c.Optimizer.LearningRate,
                "must be above 0 and at most 10"
            )
            ?? Limits.Must(
                c.Optimizer.WeightDecay is -1 or (>= 0 and <= 1),
                "config.optimizer.weight_decay",
                c.Optimizer.WeightDecay,
                "must be 0 to 1, or -1 for none"
            )
            ?? Limits.Must(
                c.Optimizer.ClipNorm is >= 0 and <= 1e6f,
                "config.optimizer.clip_norm",
                c.Optimizer.ClipNorm,
                "must be 0 (never) to 1,000,000"
            )
            ?? Check(c.Schedule)
            ?? Limits.Must(
                c.PositiveWeight is -1 or (> 0 and <= 1e6f),
                "config.positive_weight",
                c.PositiveWeight,
                "must be above 0 and at most 1,000,000, or -1 for balanced"
            )
            ?? Limits.Must(
                !c.HasCalibration || CalibrationMethods.Known(c.Calibration),
                "config.calibration",
                c.Calibration,
                "must be none, platt or isotonic"
            )
            ?? Limits.Within("config.model.seed_clusters", c.Model.SeedClusters, 1, 255)
            ?? Limits.Must(
                c.Model.SeedPrior is > 0 and <= 1e6f,
                "config.model.seed_prior",
                c.Model.SeedPrior,
                "must be above 0 and at most 1,000,000"
            )
            ?? Limits.Within("config.representation_epochs", c.RepresentationEpochs, -1, 10_000)
            ?? Limits.Within("config.negatives", c.Negatives, 1, 1_000)
            ?? Limits.Within("config.workers", c.Workers, 1, MaxWorkers)
            ?? Limits.Within("config.average_every", c.AverageEvery, 0, 10_000)
            ?? Limits.Within("config.batch_size", c.BatchSize, 0, 65_536)
            ?? Limits.Within("config.max_epochs", c.MaxEpochs, 1, 10_000)
            ?? Limits.Within("config.patience", c.Patience, 1, 10_000)
            ?? Limits.Must(c.MinDelta is >= 0 and <= 1, "config.min_delta", c.MinDelta, "must be 0 to 1");
    }

    private static int Or(int value, int otherwise) => value == 0 ? otherwise : value;

    private static float Or(float value, float otherwise) => value == 0 ? otherwise : value;
}
