using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Serving;
using Ralm.Models.Training;
using Ralm.Ranking.Calibration;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Calibration;

/// <summary>Probabilities are those of the data, whatever the loss weighs, offline as served and as learned online.</summary>
public sealed class CalibratedRunSpecs
{
    private const int Epochs = 20;

    private static readonly Lazy<PreparedDataset> Data = new(() => DrawnData.Open());
    private static readonly Lazy<PreparedDataset> Few = new(() => DrawnData.Open(400));

    [Theory]
    [InlineData("LogisticRegression", 5)]
    [InlineData("LogisticRegression", -1)]
    [InlineData("TwoTowerMha", 5)]
    [InlineData("Ralm", 5)]
    public void A_class_weight_costs_neither_log_loss_nor_calibration(string model, float weight)
    {
        var plain = DrawnData.Figures(Judged(model, 1));
        var scored = Judged(model, weight);
        var weighted = DrawnData.Figures(scored);

        Assert.Equal(plain.LogLoss, weighted.LogLoss, 0.01);
        Assert.Equal(plain.Calibration, weighted.Calibration, 0.02);
        Assert.True(scored.Calibration!.ErrorBefore > weighted.Calibration + 0.1, $"{scored.Calibration}");
        Assert.Equal(weighted.Calibration, scored.Calibration.ErrorAfter, 1e-9);
    }

    [Fact]
    public void A_runs_own_figures_are_without_the_class_weight_too()
    {
        var plain = DrawnData.Trained(Data.Value, DrawnData.Config("LogisticRegression", 1, ""), Epochs).Card.Metrics;
        var weighted = DrawnData
            .Trained(Data.Value, DrawnData.Config("LogisticRegression", 5, ""), Epochs)
            .Card.Metrics;

        Assert.Equal(plain["valid_log_loss"], weighted["valid_log_loss"], 0.01);
    }

    [Theory]
    [InlineData(CalibrationMethods.Platt)]
    [InlineData(CalibrationMethods.Isotonic)]
    public void A_model_that_is_too_sure_is_put_right_and_orders_as_before(string method)
    {
        // Far too many epochs of few rows.
        var own = Overfitted(CalibrationMethods.None);
        var artifact = Overfitted(method);
        var (before, scored) = (DrawnData.Judged(own, Few.Value), DrawnData.Judged(artifact, Few.Value));
        var (plain, calibrated) = (DrawnData.Figures(before), DrawnData.Figures(scored));

        Assert.Equal(own.WeightsHash, artifact.WeightsHash);
        Assert.Equal(method, artifact.Card.Calibration.Method);
        Assert.True(calibrated.LogLoss < plain.LogLoss - 0.02, $"{plain} {calibrated}");
        Assert.True(calibrated.Calibration < plain.Calibration / 2, $"{plain} {calibrated}");
        Assert.Equal(plain.Auc, calibrated.Auc, 1e-4);
        Assert.Equal(plain.Calibration, scored.Calibration!.ErrorBefore, 1e-6);
        Assert.Equal(method, scored.Calibration.Method);
    }

    [Theory]
    [InlineData("LogisticRegression", 1, "")]
    [InlineData("LogisticRegression", 5, "")]
    [InlineData("TwoTowerMha", 1, CalibrationMethods.Platt)]
    [InlineData("TwoTowerMha", 5, CalibrationMethods.Platt)]
    [InlineData("TwoTowerMha", 5, CalibrationMethods.Isotonic)]
    [InlineData("Ralm", 5, CalibrationMethods.Isotonic)]
    public void What_is_served_and_explained_is_what_was_judged(string kind, float weight, string method)
    {
        var artifact = DrawnData.Trained(Data.Value, DrawnData.Config(kind, weight, method), 2);
        var judged = DrawnData.Judged(artifact, Data.Value).ScoreArray();
        using var model = new ServingModel(artifact, "cpu");

        for (var k = 0; k < 200; k++)
        {
            var request = DrawnData.Request(k);
            var (served, why) = (model.Score(request)[0].Score, model.Explain(request, seeds: null, topSeeds: 0));

            Assert.Equal(judged[k], served, 1e-5f);
            Assert.Equal(served, why.Score, 1e-5f);
            Assert.Equal(method, why.Calibration);
            Assert.Equal(
                why.LogOdds,
                why.BaseLogOdds + why.Contributions.Sum(c => c.LogOdds) + why.InteractionLogOdds,
                1e-9
            );
            var map = artifact.Card.Calibration.Map;
            Assert.Equal(why.Score, 1 / (1 + Math.Exp(-(map?.Map(why.LogOdds) ?? why.LogOdds))), 1e-5);
        }
    }

    /// <summary>Learned without it, the odds would be taken down fivefold once by the weights and once by the correction.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(CalibrationMethods.Platt)]
    public void A_lineage_learns_through_its_origins_calibration_and_keeps_it(string method)
    {
        var origin = DrawnData.Trained(Data.Value, DrawnData.Config("LogisticRegression", 5, method), Epochs);
        var optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.01f };
        using var lineage = new LineageTraining(
            origin,
            new string('a', 64),
            new LineageSettings { Optimizer = optimizer },
            0,
            "cpu"
        );
        var losses = new List<double>();
        for (var batch = 0; batch < 150; batch++)
        {
            losses.Add(lineage.Apply(batch + 1, [.. Enumerable.Range(batch * 40, 40).Select(DrawnData.Sample)]).Loss);
        }

        var grown = ModelArtifact.FromBytes(lineage.Checkpoint().ToBytes());

        Assert.Equal(origin.Card.Calibration.Line, grown.Card.Calibration.Line);
        var (before, after) = (
            DrawnData.Figures(DrawnData.Judged(origin, Data.Value)),
            DrawnData.Figures(DrawnData.Judged(grown, Data.Value))
        );
        Assert.Equal(before.LogLoss, after.LogLoss, 0.02);
        Assert.InRange(after.Calibration, 0, 0.04);
        // What is told before it is learned is what is served.
        Assert.Equal(before.LogLoss, losses.Average(), 0.03);
    }

    [Fact]
    public void A_file_without_calibration_says_nothing_of_it_and_one_with_it_says_all()
    {
        var plain = DrawnData.Trained(
            Data.Value,
            DrawnData.Config("LogisticRegression", 1, CalibrationMethods.None),
            1
        );
        Assert.DoesNotContain("calibration", System.Text.Encoding.Latin1.GetString(plain.ToBytes()));
        Assert.True(plain.Card.Calibration.IsNone);

        foreach (var method in (string[])[CalibrationMethods.Platt, CalibrationMethods.Isotonic])
        {
            var saved = DrawnData.Trained(Data.Value, DrawnData.Config("LogisticRegression", 3, method), 1);
            var loaded = ModelArtifact.FromBytes(saved.ToBytes());

            Assert.Equal(saved.ToBytes(), loaded.ToBytes());
            Assert.Equal((method, 3), (loaded.Card.Calibration.Method, loaded.Card.Calibration.PositiveWeight));
            Assert.Equal(saved.Card.Calibration.Probability(0.3), loaded.Card.Calibration.Probability(0.3));
            Assert.NotEqual(plain.ToBytes(), saved.ToBytes());
        }
    }

    [Theory]
    [InlineData("\"platt\"", "\"later\"", "method")]
    [InlineData("\"positive_weight\":3,\"slope", "\"positive_weight\":0,\"slope", "positive_weight")]
    [InlineData("\"slope\":", "\"slope\":-", "slope")]
    public void A_calibration_that_is_not_understood_is_not_passed_over(string from, string to, string field)
    {
        var artifact = DrawnData.Trained(
            Data.Value,
            DrawnData.Config("LogisticRegression", 3, CalibrationMethods.Platt),
            1
        );
        var (tensors, metadata) = SafeTensors.Read(artifact.ToBytes());
        var at = metadata["model"].LastIndexOf(from, StringComparison.Ordinal);
        var spoiled = new Dictionary<string, string>(metadata, StringComparer.Ordinal)
        {
            ["model"] = metadata["model"][..at] + to + metadata["model"][(at + from.Length)..],
        };

        var refused = Assert.Throws<InvalidDataException>(() =>
            ModelArtifact.FromBytes(SafeTensors.Write(tensors, spoiled))
        );

        Assert.Contains($"calibration.{field} ", refused.Message);
    }

    private static ModelArtifact Overfitted(string method)
    {
        var config = DrawnData.Config("TwoTowerMha", 1, method);
        return DrawnData.Trained(Few.Value, config, 60);
    }

    private static ScoredRows Judged(string model, float weight)
    {
        var epochs = model == "LogisticRegression" ? Epochs : 4;
        var artifact = DrawnData.Trained(Data.Value, DrawnData.Config(model, weight, ""), epochs);
        return DrawnData.Judged(artifact, Data.Value);
    }
}
