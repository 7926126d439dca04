using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using Xunit;

namespace Ralm.Ranking.Tests.Schedules;

public sealed class LearningRatesSpecs
{
    private const long PerEpoch = 10;
    private const long Epochs = 12;

    [Theory]
    [InlineData(0)]
    [InlineData(119)]
    [InlineData(10_000)]
    public void Without_a_schedule_and_with_a_constant_one_the_rate_is_whole(long step)
    {
        Assert.Equal(1, LearningRates.ShareAt(null, step, PerEpoch, Epochs));
        Assert.Equal(1, Share(new() { Name = "constant" }, step));
    }

    [Theory]
    [InlineData(0, 1 / 12.0)]
    [InlineData(5, 6 / 12.0)]
    [InlineData(11, 1)]
    [InlineData(12, 1)]
    public void In_the_warm_up_it_rises_in_a_line_and_reaches_the_whole_rate_at_its_end(long step, double expected) =>
        Assert.Equal(expected, Share(new() { Name = "constant", Warmup = 0.1f }, step), 12);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(119, 0.2)]
    public void A_cosine_begins_at_the_whole_rate_and_ends_at_the_floor(long step, double expected) =>
        Assert.Equal(expected, Share(new() { Name = "cosine", Floor = 0.2f }, step), 6);

    [Fact]
    public void A_cosine_follows_its_formula_after_the_warm_up_and_never_rises()
    {
        var schedule = new LearningRateSchedule
        {
            Name = "cosine",
            Warmup = 0.25f,
            Floor = 0.125f,
        };
        for (var step = 30; step < 120; step++)
        {
            var t = (step - 30) / 89.0;

            Assert.Equal(0.125 + (0.875 * (1 + Math.Cos(Math.PI * t)) / 2), Share(schedule, step), 12);
            Assert.True(step == 30 || Share(schedule, step) < Share(schedule, step - 1));
        }
    }

    [Fact]
    public void A_cosine_that_is_asked_past_its_end_stays_at_the_floor() =>
        Assert.Equal(0.5, Share(new() { Name = "cosine", Floor = 0.5f }, 500), 12);

    [Theory]
    [InlineData(29, 1)]
    [InlineData(30, 0.5)]
    [InlineData(59, 0.5)]
    [InlineData(60, 0.25)]
    [InlineData(119, 0.125)]
    public void Steps_multiply_the_rate_after_every_so_many_epochs(long step, double expected) =>
        Assert.Equal(
            expected,
            Share(
                new()
                {
                    Name = "step",
                    Decay = 0.5f,
                    DecayEvery = 3,
                },
                step
            ),
            12
        );

    [Theory]
    [InlineData("cosine")]
    [InlineData("step")]
    [InlineData("constant")]
    public void A_run_of_one_step_has_a_rate_above_zero(string name) =>
        Assert.Equal(
            1,
            LearningRates.ShareAt(
                new()
                {
                    Name = name,
                    Warmup = 0.9f,
                    Decay = 0.1f,
                    DecayEvery = 1,
                },
                0,
                1,
                1
            )
        );

    private static double Share(LearningRateSchedule schedule, long step) =>
        LearningRates.ShareAt(schedule, step, PerEpoch, Epochs);
}
