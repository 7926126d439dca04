using Ralm.Ranking.Schedules;
using Xunit;

namespace Ralm.Ranking.Tests.Schedules;

public sealed class ClassWeightsSpecs
{
    [Theory]
    [InlineData(0, 20, 1)]
    [InlineData(1, 20, 1)]
    [InlineData(2.5, 20, 2.5)]
    [InlineData(-1, 20, 4)]
    [InlineData(-1, 80, 0.25)]
    public void A_positive_row_weighs_as_configured_or_as_much_as_makes_both_classes_alike(
        float configured,
        double positives,
        float expected
    ) => Assert.Equal(expected, ClassWeights.OfPositives(configured, positives, 100));

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Where_there_is_one_class_only_balance_weighs_nothing(double positives) =>
        Assert.Equal(1, ClassWeights.OfPositives(ClassWeights.Balanced, positives, 100));
}
