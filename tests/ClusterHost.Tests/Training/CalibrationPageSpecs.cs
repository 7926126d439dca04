using RalmActors.ClusterHost.Reports;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>What was made of a model's own scores is said where they are judged.</summary>
public sealed class CalibrationPageSpecs
{
    [Fact]
    public void The_page_says_which_calibration_and_the_error_before_and_with_it()
    {
        var platt = Page(
            new AppliedCalibration
            {
                Method = "platt",
                PositiveWeight = 5,
                Slope = 0.8,
                Intercept = -0.1,
                ErrorBefore = 0.37,
                ErrorAfter = 0.025,
            }
        );

        Assert.Contains("Calibration: platt, slope 0.8000, intercept -0.1000, fitted on the validation rows", platt);
        Assert.Contains("class weight 5.0000 taken back", platt);
        Assert.Contains("Calibration error 0.3700 before it, 0.0250 with it", platt);
        Assert.Contains(
            "Calibration: isotonic, 12 points",
            Page(
                new AppliedCalibration
                {
                    Method = "isotonic",
                    PositiveWeight = 1,
                    Points = 12,
                }
            )
        );
        Assert.Contains("Calibration: none.", Page(null));
    }

    [Fact]
    public void The_table_has_both_errors()
    {
        var table = EvaluationCsv.Write(
            Judged(
                new AppliedCalibration
                {
                    Method = "isotonic",
                    PositiveWeight = 1,
                    ErrorBefore = 0.25,
                    ErrorAfter = 0.125,
                }
            )
        );

        Assert.Contains("calibration,v-1,calibration_error,before,40,0.25,", table);
        Assert.Contains("calibration,v-1,calibration_error,isotonic,40,0.125,", table);
    }

    private static string Page(AppliedCalibration? calibration) => EvaluationHtml.Write(Judged(calibration));

    private static EvaluationReply Judged(AppliedCalibration? calibration) =>
        new()
        {
            Evaluation = new Evaluation
            {
                Family = "city",
                VersionId = "v-1",
                Rows = 40,
                Metrics =
                {
                    new Estimate { Metric = "log_loss", Value = 0.4 },
                },
                Calibration = calibration,
            },
        };
}
