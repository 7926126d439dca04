using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Commands;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

public sealed class TrainingChoicesSpecs
{
    [Fact]
    public void What_the_file_says_holds_unless_an_option_says_otherwise()
    {
        var written = new TrainingConfig
        {
            RandomSeed = 7,
            MaxEpochs = 3,
            Model = new ModelConfig { Model = "LogisticRegression", HiddenDim = 8 },
        };

        var kept = TrainingChoices.Of(written, model: null, seed: null, epochs: null);
        var given = TrainingChoices.Of(written, "Ralm", seed: 9, epochs: 5);
        var nothing = TrainingChoices.Of(new TrainingConfig(), model: null, seed: null, epochs: null);

        Assert.Equal(written, kept);
        Assert.Equal(
            (9UL, 5, "Ralm", 8),
            (given.RandomSeed, given.MaxEpochs, given.Model.Model, given.Model.HiddenDim)
        );
        Assert.Equal((42UL, 0), (nothing.RandomSeed, nothing.MaxEpochs));
    }

    [Theory]
    [InlineData(
        """{"optimizer":{"learning_rate":99}}""",
        null,
        "config.optimizer.learning_rate \"99\" must be above 0"
    )]
    [InlineData("""{"optimizer":{"learning_rate":"NaN"}}""", null, "config.optimizer.learning_rate \"NaN\" must be")]
    [InlineData(
        """{"model":{"model":"Nope"}}""",
        null,
        "config.model.model \"Nope\" must be one of LogisticRegression, "
    )]
    [InlineData("{}", 0, "--epochs \"0\" must be 1 to 10,000")]
    [InlineData("{}", -3, "config.max_epochs \"-3\" must be 1 to 10,000")]
    public void What_is_out_of_range_is_refused_by_field_value_and_rule(string json, int? epochs, string said)
    {
        var refused = Assert.Throws<CommandLineException>(() =>
            TrainingChoices.Of(TrainingConfig.Parser.ParseJson(json), model: null, seed: null, epochs)
        );

        Assert.StartsWith(said, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"optimizer":{"lr":1}}""", "Unknown field: lr")]
    [InlineData("""{"max_epochs":1e99}""", "Value out of range: 1E+99")]
    [InlineData("{", "Unexpected end")]
    public void A_file_that_is_no_configuration_is_refused_by_its_name(string json, string said)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, json);
        try
        {
            var refused = Assert.Throws<CommandLineException>(() => JsonFile.Read<TrainingConfig>(path));

            Assert.StartsWith($"{path}: must be a TrainingConfig: {said}", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
