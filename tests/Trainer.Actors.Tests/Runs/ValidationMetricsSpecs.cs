using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class ValidationMetricsSpecs
{
    [Fact]
    public void It_gives_the_golden_values_with_a_tie()
    {
        var metrics = ValidationMetrics.Of([0.1f, 0.4f, 0.35f, 0.8f, 0.4f, 0.2f, 0.9f, 0.6f], [0, 0, 1, 1, 1, 0, 1, 0]);

        Assert.Equal(0.78125, metrics.Auc);
        Assert.Equal(0.506280, metrics.LogLoss, 6);
    }

    [Fact]
    public void One_class_alone_has_no_auc() =>
        Assert.True(double.IsNaN(ValidationMetrics.Of([0.1f, 0.2f], [1, 1]).Auc));
}
