using Ralm.Ranking.Schedules;
using Xunit;

namespace Ralm.Ranking.Tests.Schedules;

public sealed class WeightDecaysSpecs
{
    [Theory]
    [InlineData(1_000, 0.01f)]
    [InlineData(5_000, 0.01f)]
    [InlineData(50_000, 0.001f)]
    [InlineData(1_000_000, 0.00005f)]
    public void Left_open_it_weighs_less_the_more_rows_there_are(int rows, float expected) =>
        Assert.Equal(expected, WeightDecays.Of(0, 50, rows), 1e-9f);

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0.2f, 0.2f)]
    public void What_was_chosen_stays(float chosen, float expected) =>
        Assert.Equal(expected, WeightDecays.Of(chosen, 50, 1_000));

    [Fact]
    public void A_model_without_a_prior_has_none() =>
        Assert.Equal(0, WeightDecays.Of(0, ModelDefaults.Of("TwoTowerMha").Prior, 1_000));
}
