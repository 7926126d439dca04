using Ralm.Datasets.Preparation;
using Ralm.Ranking.Calibration;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Calibration;

/// <summary>What a class weight and a calibration do to test figures. -explicit only -class "*CalibrationMeasures" -showliveoutput.</summary>
public sealed class CalibrationMeasures(ITestOutputHelper output)
{
    private readonly PreparedDataset _data = DrawnData.Open();
    private readonly PreparedDataset _few = DrawnData.Open(400);

    [Fact(Explicit = true)]
    public void Figures_with_and_without()
    {
        foreach (var weight in (float[])[1, 5, 25])
        {
            Tell(_data, "LogisticRegression", weight, CalibrationMethods.None, epochs: 20);
        }

        foreach (
            var method in (string[])[CalibrationMethods.None, CalibrationMethods.Platt, CalibrationMethods.Isotonic]
        )
        {
            Tell(_data, "TwoTowerMha", 1, method, epochs: 4);
            Tell(_few, "TwoTowerMha", 1, method, epochs: 60);
        }
    }

    private void Tell(PreparedDataset data, string model, float weight, string method, int epochs)
    {
        var artifact = DrawnData.Trained(data, DrawnData.Config(model, weight, method), epochs);
        var scored = DrawnData.Judged(artifact, data);
        var (loss, error, auc) = DrawnData.Figures(scored);
        var own = DrawnData.Judged(
            artifact with
            {
                Card = artifact.Card with { Calibration = ScoreCalibration.None },
            },
            data
        );
        var before = DrawnData.Figures(own);
        output.WriteLine(
            $"{model} w {weight} {method} {epochs}: log loss {before.LogLoss:F4} -> {loss:F4}, error {before.Calibration:F4} -> {error:F4}, AUC {before.Auc:F4} -> {auc:F4}"
        );
        Assert.Equal(before.Auc, auc, 1e-3);
    }
}
