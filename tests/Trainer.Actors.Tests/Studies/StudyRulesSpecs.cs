using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class StudyRulesSpecs
{
    public static TheoryData<string, Action<StudyDefinition>> BadInput =>
        new()
        {
            { "dataset_path", d => d.DatasetPath = "" },
            { "dataset_hash", d => d.DatasetHash = "abc" },
            { "family", d => d.Family = "a b" },
            { "config.batch_size", d => d.Config.BatchSize = -1 },
            { "parameters", d => d.Parameters.Clear() },
            { "parameters[0].path", d => d.Parameters[0].Path = "" },
            { "parameters[0].path", d => d.Parameters[0].Path = "optimizer.lr" },
            { "parameters[0].path", d => d.Parameters[0].Path = "optimizer" },
            { "parameters[0].path", d => d.Parameters[0].Path = "batch_size.x" },
            { "parameters[1].path", d => d.Parameters[1].Path = "optimizer.learning_rate" },
            { "parameters[0]", d => d.Parameters[0].ClearRange() },
            { "parameters[0].continuous.low", d => d.Parameters[0].Continuous.ClearLow() },
            { "parameters[0].continuous.high", d => d.Parameters[0].Continuous.ClearHigh() },
            { "parameters[2].integer.low", d => d.Parameters[2].Integer.ClearLow() },
            { "parameters[2].integer.high", d => d.Parameters[2].Integer.ClearHigh() },
            { "parameters[0].continuous.low", d => d.Parameters[0].Continuous.Low = 0 },
            { "parameters[0].continuous.low", d => d.Parameters[0].Continuous.Low = double.NaN },
            { "parameters[0].continuous.high", d => d.Parameters[0].Continuous.High = 1e-5 },
            { "parameters[0].continuous.high", d => d.Parameters[0].Continuous.High = 11 },
            { "parameters[0].continuous.grid_points", d => d.Parameters[0].Continuous.GridPoints = 1 },
            { "parameters[0].continuous", d => d.Parameters[0].Path = "batch_size" },
            { "parameters[1].continuous.low", d => d.Parameters[1].Continuous.Low = 0 },
            { "parameters[1].continuous.high", d => d.Parameters[1].Continuous.High = 0.95 },
            { "parameters[2].integer.high", d => d.Parameters[2].Integer.High = 16 },
            { "parameters[2].integer.high", d => d.Parameters[2].Integer.High = 20_000 },
            { "parameters[2].integer.step", d => d.Parameters[2].Integer.Step = -1 },
            { "parameters[2].integer.low", d => d.Parameters[2].Integer.Low = 0 },
            {
                "parameters[2].integer.low",
                d => (d.Parameters[2].Integer.Low, d.Parameters[2].Integer.Log) = (8, true)
            },
            { "parameters[2].integer", d => d.Parameters[2].Path = "model.model" },
            { "parameters[3].choices.values", d => d.Parameters[3].Choices.Values.RemoveAt(0) },
            { "parameters[3].choices.values[2]", d => d.Parameters[3].Choices.Values.Add("lion") },
            { "parameters[3].choices.values[2]", d => d.Parameters[3].Choices.Values.Add("adam") },
            { "parameters[3].choices.values[0]", d => d.Parameters[3].Path = "batch_size" },
            { "objective", d => d.Objective = (Objective)9 },
            { "method", d => d.Method = (SearchMethod)9 },
            { "pruning.rule", d => d.Pruning.Rule = (PruningRule)9 },
            { "pruning.eta", d => d.Pruning.Eta = 1 },
            { "pruning.min_epochs", d => d.Pruning.MinEpochs = -1 },
            { "tpe.gamma", d => d.Tpe.Gamma = 1 },
            { "tpe.lag", d => d.Tpe.Lag = -1 },
            { "trials", d => d.Trials = 1_001 },
            { "max_parallel", d => d.MaxParallel = 65 },
            { "trials", d => (d.Method, d.Trials, d.Parameters[0].Continuous.GridPoints) = (SearchMethod.Grid, 0, 50) },
            { "parameters", d => (d.Method, d.Parameters[0].Continuous.GridPoints) = (SearchMethod.Grid, 1_000) },
        };

    [Theory]
    [MemberData(nameof(BadInput), DisableDiscoveryEnumeration = true)]
    public void Bad_input_is_refused_by_field_value_and_rule(string field, Action<StudyDefinition> spoil)
    {
        var definition = GivenStudy.Definition();
        spoil(definition);

        var rejection = StudyState.Empty("study-1").Decide(GivenStudy.Start(definition), GivenStudy.Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, $"definition.{field}"), (rejection.Code, rejection.Field));
        Assert.NotEmpty(rejection.Rule);
    }

    [Fact]
    public void An_unknown_path_names_the_fields_there_are()
    {
        var definition = GivenStudy.Definition();
        definition.Parameters[0].Path = "optimizer.lr";

        var rejection = StudyState.Empty("study-1").Decide(GivenStudy.Start(definition), GivenStudy.Now).Rejection!;

        Assert.Equal("optimizer.lr", rejection.Value);
        Assert.Contains("learning_rate", rejection.Rule);
    }

    [Fact]
    public void A_study_id_leaves_room_for_the_names_of_its_runs()
    {
        var start = GivenStudy.Start(GivenStudy.Definition(), new string('s', 101));

        Assert.Equal("study_id", StudyState.Empty("x").Decide(start, GivenStudy.Now).Rejection!.Field);
    }

    [Fact]
    public void A_value_that_is_only_good_together_with_others_is_let_in()
    {
        var definition = GivenStudy.Definition(trials: 40);
        definition.Parameters.Add(GivenStudy.Whole("model.tower_dim", 9, 36, 3));
        definition.Parameters.Add(GivenStudy.Choice("model.heads", "3", "4"));

        var state = GivenStudy.Played(definition, _ => 0.5);

        Assert.Equal(40, state.Trials.Count);
        Assert.All(state.Trials, t => Assert.Equal(0, t.Config.Model.TowerDim % t.Config.Model.Heads));
        Assert.Contains(state.Trials, t => t.Config.Model.Heads == 3);
    }

    /// <summary>Every scalar of the configuration, also one that is added tomorrow, can be named, written and read back.</summary>
    [Fact]
    public void Every_scalar_field_of_the_configuration_has_a_path()
    {
        var paths = Scalars(TrainingConfig.Descriptor, "").ToArray();

        Assert.Contains("optimizer.learning_rate", paths);
        Assert.Contains("patience", paths);
        foreach (var text in paths)
        {
            var path = ParameterPath.Find(text, out _)!;
            var value = path.IsReal ? new ParameterValue { Number = 0.25 } : new ParameterValue { Text = "1" };
            var config = new TrainingConfig();
            if (path.Read(value) is { } read)
            {
                path.Set(config, read);
                Assert.Equal(read, path.Get(config));
            }
        }
    }

    [Fact]
    public void Every_default_is_written_into_the_first_event()
    {
        var definition = new StudyDefinition
        {
            DatasetPath = "planted",
            DatasetHash = new string('D', 64),
            Family = "city",
            MaxParallel = 3,
            Parameters = { GivenStudy.Real("optimizer.learning_rate", 0.01, 0.1) },
        };

        var d = GivenStudy.Started(definition).Definition;

        Assert.Equal(
            (Objective.ValidAuc, SearchMethod.Tpe, PruningRule.NoPruning),
            (d.Objective, d.Method, d.Pruning.Rule)
        );
        Assert.Equal((20, 10, 24, 3), (d.Trials, d.Tpe.StartupTrials, d.Tpe.Candidates, d.Tpe.Lag));
        Assert.Equal((0.15, 1, 4, 5), (d.Tpe.Gamma, d.Pruning.MinEpochs, d.Pruning.Eta, d.Pruning.StartupTrials));
        Assert.Equal(("study-1", 20, new string('d', 64)), (d.VersionId, d.Config.MaxEpochs, d.DatasetHash));
    }

    private static IEnumerable<string> Scalars(Google.Protobuf.Reflection.MessageDescriptor message, string prefix) =>
        message
            .Fields.InDeclarationOrder()
            .Where(f => !f.IsRepeated)
            .SelectMany(f =>
                f.FieldType == Google.Protobuf.Reflection.FieldType.Message
                    ? Scalars(f.MessageType, $"{prefix}{f.Name}.")
                    : [prefix + f.Name]
            );
}
