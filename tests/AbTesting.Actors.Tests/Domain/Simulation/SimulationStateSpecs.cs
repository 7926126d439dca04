using RalmActors.AbTesting.Domain.Simulation;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Simulation;

public sealed class SimulationStateSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_asked_for_is_written_with_every_default()
    {
        var state = Asked(new SimulationDesign());

        Assert.Equal((3_000, 50, 1_000), (state.Design!.Units, state.Design.LookEvery, state.Design.Runs));
        Assert.Equal([5000, 5000], state.Design.Definition.Arms.Select(a => a.Weight));
        Assert.Null(state.Result);
    }

    [Fact]
    public void A_split_is_in_shares_of_any_size_and_adds_up()
    {
        var state = Asked(new SimulationDesign { Split = { 1, 1, 1 } });

        Assert.Equal([3334, 3333, 3333], state.Design!.Definition.Arms.Select(a => a.Weight));
    }

    [Theory]
    [InlineData("design.units", 1, 0, 0, .1)]
    [InlineData("design.look_every", 0, -1, 0, .1)]
    [InlineData("design.runs", 0, 0, 100_001, .1)]
    [InlineData("design.runs", 10_000_000, 0, 2_000, .1)]
    [InlineData("design.rates[0]", 0, 0, 0, 1.5)]
    public void A_design_that_cannot_be_played_is_refused_by_name(
        string field,
        int units,
        int lookEvery,
        int runs,
        double rate
    )
    {
        var design = new SimulationDesign
        {
            Units = units,
            LookEvery = lookEvery,
            Runs = runs,
            Rates = { rate },
        };

        Assert.Equal(field, SimulationState.Empty("s").Decide(Command(design), Now).Rejection!.Field);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void An_arm_that_nobody_gets_is_refused(double share)
    {
        var design = new SimulationDesign { Split = { 1, share } };

        Assert.Equal("design.split[1]", SimulationState.Empty("s").Decide(Command(design), Now).Rejection!.Field);
    }

    /// <summary>A guardrail on what really gets worse is right to say so.</summary>
    [Theory]
    [InlineData(false, -.05)]
    [InlineData(true, .05)]
    public void Harm_that_is_true_is_not_false(bool lowerIsBetter, double effect)
    {
        var design = DesignRules.Complete(
            new SimulationDesign
            {
                Rates = { .1 },
                Effect = effect,
                Definition = new ExperimentDefinition
                {
                    Metric = "match",
                    Metrics =
                    {
                        new Metric { Name = "match", LowerIsBetter = lowerIsBetter },
                    },
                    Guardrails = { new Guardrail { Metric = "match" } },
                    Arms =
                    {
                        new Arm { Name = "a", Weight = 5000 },
                        new Arm { Name = "b", Weight = 5000 },
                    },
                },
            }
        );

        var result = SimulatedRun.Sum(
            design,
            [.. Enumerable.Range(0, design.Runs = 20).Select(run => SimulatedRun.Play(design, run, () => { }))]
        );

        Assert.Equal((0, 0), (result.FalseGuardrail, result.FalseRollout));
    }

    [Fact]
    public void One_id_has_one_design_and_one_result()
    {
        var state = Asked(new SimulationDesign());
        var played = state.Apply(
            new SimulationPlayed
            {
                Result = new SimulationResult { Runs = 1_000, Coverage = 1 },
            }
        );

        Assert.Empty(state.Decide(Command(new SimulationDesign()), Now).Events);
        Assert.Equal(
            "simulation_id",
            state.Decide(Command(new SimulationDesign { Units = 500 }), Now).Rejection!.Field
        );
        Assert.Empty(played.Decide(new FinishSimulation { Result = new SimulationResult() }, Now).Events);
        Assert.Equal(played, SimulationState.FromSnapshot("s", played.ToSnapshot()));
    }

    private static SimulationState Asked(SimulationDesign design) =>
        SimulationState
            .Empty("s")
            .Decide(Command(design), Now)
            .Events.Aggregate(SimulationState.Empty("s"), (state, e) => state.Apply(e));

    private static Simulate Command(SimulationDesign design) =>
        new()
        {
            Header = new CommandHeader { CommandId = "play" },
            SimulationId = "s",
            Design = design,
        };
}
