using Ralm.Ranking.Schedules;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study may be started with, and what a field that is left out means.</summary>
internal static class StudyRules
{
    /// <summary>Names of runs and their commands are made from it.</summary>
    public const int MaxStudyIdLength = 100;

    public const int MaxTrials = 1_000;

    /// <summary>A larger grid is not enumerated.</summary>
    public const int MaxGrid = 100_000;

    public static Rejection? Check(StartStudy c)
    {
        if (c.StudyId.Length > MaxStudyIdLength)
        {
            return Rejections.Invalid(
                "study_id",
                c.StudyId,
                $"must be at most {MaxStudyIdLength} characters: its runs are named after it"
            );
        }

        if (c.Definition is not { } d)
        {
            return Rejections.Invalid("definition", "", "must be set");
        }

        return Prefixed(
            CheckRun(d)
                ?? CheckNumbers(Complete(d))
                ?? ParameterRules.Check(Complete(d))
                ?? (Complete(d).Method == SearchMethod.Grid ? CheckGrid(d) : null)
        );
    }

    /// <summary>
    /// The definition with every default written out, so that a later release's defaults do not change a study under way.
    /// </summary>
    public static StudyDefinition Complete(StudyDefinition d)
    {
        var c = d.Clone();
        c.DatasetHash = d.DatasetHash.ToLowerInvariant();
        c.Config = ConfigRules.Complete(d.Config ?? new TrainingConfig());
        c.Objective = Or(d.Objective, Objective.ValidAuc);
        c.Method = Or(d.Method, SearchMethod.Tpe);
        c.MaxParallel = Or(d.MaxParallel, 1);
        c.Tpe = new TpeConfig
        {
            StartupTrials = Or(d.Tpe?.StartupTrials ?? 0, 10),
            Gamma = Or(d.Tpe?.Gamma ?? 0, 0.15),
            Candidates = Or(d.Tpe?.Candidates ?? 0, 24),
            Lag = Or(d.Tpe?.Lag ?? 0, c.MaxParallel),
        };
        c.Pruning = new PruningConfig
        {
            Rule = Or(d.Pruning?.Rule ?? PruningRule.Unspecified, PruningRule.NoPruning),
            MinEpochs = Or(d.Pruning?.MinEpochs ?? 0, 1),
            Eta = Or(d.Pruning?.Eta ?? 0, 4),
            StartupTrials = Or(d.Pruning?.StartupTrials ?? 0, 5),
        };
        foreach (var parameter in c.Parameters)
        {
            switch (parameter.RangeCase)
            {
                case SearchParameter.RangeOneofCase.Continuous:
                    parameter.Continuous.GridPoints = Or(parameter.Continuous.GridPoints, 5);
                    break;
                case SearchParameter.RangeOneofCase.Integer:
                    parameter.Integer.Step = Or(parameter.Integer.Step, 1);
                    break;
            }
        }

        return c;
    }

    /// <summary>The event a study begins with. A grid has at most as many trials as combinations that can be trained.</summary>
    public static StudyStarted Started(StartStudy c)
    {
        var definition = Complete(c.Definition);
        definition.Trials =
            definition.Method == SearchMethod.Grid
                ? GridSearch.Count(definition, Or(definition.Trials, MaxTrials))
                : Or(definition.Trials, 20);
        if (definition.Family.Length > 0 && definition.VersionId.Length == 0)
        {
            definition.VersionId = c.StudyId;
        }

        return new StudyStarted { Definition = definition };
    }

    private static Rejection? CheckRun(StudyDefinition d) =>
        TrainingRules.Check(
            new StartTraining
            {
                DatasetPath = d.DatasetPath,
                DatasetHash = d.DatasetHash,
                Config = d.Config,
                Family = d.Family,
                VersionId = d.VersionId,
            }
        );

    private static Rejection? CheckNumbers(StudyDefinition d) =>
        Known("objective", d.Objective)
        ?? Known("method", d.Method)
        ?? Known("pruning.rule", d.Pruning.Rule)
        ?? Limits.Within("trials", d.Trials, 0, MaxTrials)
        ?? Limits.Within("max_parallel", d.MaxParallel, 1, 64)
        ?? Limits.Within("tpe.startup_trials", d.Tpe.StartupTrials, 1, 1_000)
        ?? Limits.Within("tpe.candidates", d.Tpe.Candidates, 1, 1_000)
        ?? Limits.Within("tpe.lag", d.Tpe.Lag, 1, 1_000)
        ?? (
            d.Tpe.Gamma is > 0 and < 1
                ? null
                : Rejections.Invalid("tpe.gamma", d.Tpe.Gamma, "must be above 0 and below 1")
        )
        ?? Limits.Within("pruning.min_epochs", d.Pruning.MinEpochs, 1, 10_000)
        ?? Limits.Within("pruning.eta", d.Pruning.Eta, 2, 100)
        ?? Limits.Within("pruning.startup_trials", d.Pruning.StartupTrials, 1, 1_000);

    private static Rejection? CheckGrid(StudyDefinition d)
    {
        var definition = Complete(d);
        var size = new SearchSpace(definition).GridSize;
        return size > MaxGrid
                ? Rejections.Invalid("parameters", size, $"must make a grid of at most {MaxGrid:N0} combinations")
            : d.Trials == 0 && GridSearch.Count(definition, MaxTrials + 1) > MaxTrials
                ? Rejections.Invalid(
                    "trials",
                    d.Trials,
                    $"must be set, to at most {MaxTrials:N0}: the grid has {size:N0} combinations"
                )
            : null;
    }

    private static Rejection? Known<T>(string field, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value)
            ? null
            : Rejections.Invalid(field, value, $"must be one of {string.Join(", ", Enum.GetNames<T>().Skip(1))}");

    private static Rejection? Prefixed(Rejection? refused)
    {
        if (refused is not null)
        {
            refused.Field = $"definition.{refused.Field}";
        }

        return refused;
    }

    private static int Or(int value, int otherwise) => value == 0 ? otherwise : value;

    private static long Or(long value, long otherwise) => value == 0 ? otherwise : value;

    private static double Or(double value, double otherwise) => value == 0 ? otherwise : value;

    private static T Or<T>(T value, T otherwise)
        where T : struct, Enum => EqualityComparer<T>.Default.Equals(value, default) ? otherwise : value;
}
