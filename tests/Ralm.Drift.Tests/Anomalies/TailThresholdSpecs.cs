using Ralm.Drift.Anomalies;
using Xunit;

namespace Ralm.Drift.Tests.Anomalies;

public sealed class TailThresholdSpecs
{
    /// <summary>Chances that few of 20,000 values have shown, within a factor of two of the law's own.</summary>
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.001)]
    [InlineData(0.0001)]
    public void The_chance_of_an_exponential_tail_is_the_laws_own(double chance)
    {
        var tail = Learned(random => -Math.Log(1 - random.NextDouble()));

        Assert.InRange(tail.Chance(-Math.Log(chance)) / chance, 0.5, 2);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.001)]
    [InlineData(0.0001)]
    public void The_chance_of_a_heavy_tail_is_the_laws_own(double chance)
    {
        const double shape = 0.2;
        var tail = Learned(random => (Math.Pow(1 - random.NextDouble(), -shape) - 1) / shape);

        Assert.InRange(tail.Chance((Math.Pow(chance, -shape) - 1) / shape) / chance, 0.4, 2.5);
    }

    [Fact]
    public void A_tail_that_ends_is_thought_to_go_on()
    {
        var tail = Learned(random => random.NextDouble());

        Assert.InRange(tail.Chance(1), 0.001, 0.05);
        Assert.InRange(tail.Chance(1.1), 1e-9, 0.001);
    }

    [Fact]
    public void A_larger_value_is_never_likelier()
    {
        var tail = Learned(random => -Math.Log(1 - random.NextDouble()));
        double[] chances = [.. Enumerable.Range(0, 2_000).Select(v => tail.Chance(v / 50.0))];

        Assert.Equal(chances.OrderDescending(), chances);
    }

    [Fact]
    public void Before_there_are_enough_values_everything_is_likely()
    {
        var tail = Enumerable
            .Repeat(1.0, TailThreshold.FirstValues - 1)
            .Aggregate(TailThreshold.Empty, (t, v) => t.Add(v));

        Assert.Equal(1, tail.Chance(1e9));
        Assert.InRange(tail.Add(1).Chance(1.1), 0, 1e-9);
    }

    private static TailThreshold Learned(Func<Random, double> draw)
    {
        var random = new Random(3);
        return Enumerable.Range(0, 20_000).Aggregate(TailThreshold.Empty, (tail, _) => tail.Add(draw(random)));
    }
}
