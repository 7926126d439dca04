using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>How often experiments are wrong, and how often they find what is there.</summary>
public sealed class ErrorRateSpecs(ITestOutputHelper output)
{
    private static readonly int Runs = Seeds.IsLong ? 2000 : 200;

    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.Msprt)]
    [InlineData(Method.GroupSequential)]
    [InlineData(Method.FixedHorizon)]
    public void Twenty_looks_at_no_difference_seldom_name_a_winner(Method method)
    {
        var (any, _, naive) = new Experiment(.1, .1, 500, 20, method).Repeat(Runs);

        output.WriteLine(
            $"{method}: {any:P1} of {Runs} A/A tests name a winner; a chi-square at every look {naive:P1}"
        );
        // Three standard errors of a simulation that is right at 5 %.
        Assert.InRange(any, 0, .05 + 3 * Math.Sqrt(.05 * .95 / Runs));
        Assert.InRange(naive, .15, .35);
    }

    /// <summary>Looked at from the first handful of successes on, where a normal approximation is at its worst.</summary>
    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.Msprt)]
    [InlineData(Method.GroupSequential)]
    public void Rare_successes_do_not_name_a_winner_by_luck(Method method)
    {
        var (any, _, _) = new Experiment(.005, .005, 400, 20, method).Repeat(Runs);

        output.WriteLine($"{method}: {any:P1} of {Runs} A/A tests of rare successes name a winner");
        Assert.InRange(any, 0, .05 + 3 * Math.Sqrt(.05 * .95 / Runs));
    }

    [Theory]
    [InlineData(Method.AlwaysValid)]
    [InlineData(Method.Msprt)]
    [InlineData(Method.FixedHorizon)]
    public void An_effect_that_was_planned_for_is_found_as_often_as_planned(Method method)
    {
        var units = Experiment.Planned(.1, .02, .8, method);
        var (_, arm, _) = new Experiment(.1, .12, units / 20, 20, method).Repeat(Runs);

        output.WriteLine($"{method}: {units:N0} units per arm planned, the effect found in {arm:P1} of {Runs}");
        Assert.InRange(arm, .78 - 3 * Math.Sqrt(.8 * .2 / Runs), 1);
    }
}
