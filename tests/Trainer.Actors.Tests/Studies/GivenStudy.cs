using System.Collections.Immutable;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;

namespace RalmActors.Trainer.Actors.Tests.Studies;

/// <summary>Definitions, commands and runs' answers for specs of studies.</summary>
internal static class GivenStudy
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Four parameters, one of each kind; 8 epochs.</summary>
    public static StudyDefinition Definition(
        SearchMethod method = SearchMethod.Random,
        PruningRule pruning = PruningRule.NoPruning,
        int trials = 12,
        int maxParallel = 1,
        int lag = 0,
        ulong seed = 1
    ) =>
        new()
        {
            DatasetPath = "planted",
            DatasetHash = new string('d', 64),
            Config = new TrainingConfig { MaxEpochs = 8, Patience = 8 },
            Parameters =
            {
                Real("optimizer.learning_rate", 1e-4, 1, log: true),
                Real("model.dropout", 0.01, 0.5),
                Whole("model.hidden_dim", 16, 256, 16),
                Choice("optimizer.name", "adam", "sgd"),
            },
            Method = method,
            Pruning = new PruningConfig { Rule = pruning, StartupTrials = 3 },
            Tpe = new TpeConfig { StartupTrials = 4, Lag = lag },
            Trials = trials,
            MaxParallel = maxParallel,
            RandomSeed = seed,
        };

    public static SearchParameter Real(string path, double low, double high, bool log = false, int points = 0) =>
        new()
        {
            Path = path,
            Continuous = new ContinuousRange
            {
                Low = low,
                High = high,
                Log = log,
                GridPoints = points,
            },
        };

    public static SearchParameter Whole(string path, long low, long high, long step = 0, bool log = false) =>
        new()
        {
            Path = path,
            Integer = new IntegerRange
            {
                Low = low,
                High = high,
                Step = step,
                Log = log,
            },
        };

    public static SearchParameter Choice(string path, params string[] values) =>
        new()
        {
            Path = path,
            Choices = new Choices { Values = { values } },
        };

    public static StartStudy Start(StudyDefinition definition, string id = "study-1", string commandId = "c-1") =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId },
            StudyId = id,
            Definition = definition,
        };

    public static CancelStudy Cancel(string commandId = "c-2") =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId },
            StudyId = "study-1",
            Reason = "enough",
        };

    public static ResumeStudy Resume(string commandId = "c-3") =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId },
            StudyId = "study-1",
        };

    public static StudyState Started(StudyDefinition definition) =>
        StudyState.Empty("study-1").Take(s => s.Decide(Start(definition), Now));

    public static StudyState Take(this StudyState state, Func<StudyState, Decision?> decide)
    {
        var decision = decide(state)!;
        Xunit.Assert.Null(decision.Rejection);
        return decision.Events.Aggregate(state, (s, e) => s.Apply(e));
    }

    /// <summary>The run's answer after these validation AUCs; over when a phase is named.</summary>
    public static TrainingRunReply Run(IEnumerable<double> aucs, RunStatus phase = RunStatus.Training)
    {
        var run = new TrainingRunReply { Status = phase, Reason = phase.ToString() };
        foreach (var auc in aucs)
        {
            run.Epochs.Add(
                new EpochCompleted
                {
                    Epoch = run.Epochs.Count + 1,
                    ValidAuc = auc,
                    ValidLogLoss = 1 - auc,
                }
            );
        }

        if (phase == RunStatus.Completed)
        {
            run.Artifact = new ArtifactRef { Hash = new string('a', 64) };
            run.SchemaId = "s-1";
            run.CodeVersion = "1.2.3";
            run.Metrics.Add(new Metric { Name = "valid_auc", Value = run.Epochs.Max(e => e.ValidAuc) });
            run.Metrics.Add(new Metric { Name = "valid_log_loss", Value = run.Epochs.Min(e => e.ValidLogLoss) });
        }

        return run;
    }

    public static StudyState Report(this StudyState state, int trial, TrainingRunReply run) =>
        state.Take(s => s.Report(trial, s.Trials[trial - 1].Attempt, s.Trials[trial - 1].Lease, run));

    /// <summary>Plays the study with runs that end after one epoch at the value of a function of their configuration.</summary>
    public static StudyState Played(StudyDefinition definition, Func<TrainingConfig, double> auc)
    {
        var state = Started(definition);
        while (state.UnderWay.FirstOrDefault() is { } trial)
        {
            state = state.Report(trial.Number, Run([auc(trial.Config)], RunStatus.Completed));
        }

        return state;
    }

    public static ImmutableArray<double> Numbers(ulong seed, int count) =>
        [.. Enumerable.Range(0, count).Select(k => (double)RandomStream.Uniform(seed, k))];
}
