using System.Globalization;
using RalmActors.AbTesting.Actors;
using RalmActors.AbTesting.Domain.Simulation;
using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>
/// How often what acts by itself is wrong: at every split, for every kind of metric, however often it is looked at. A small seeded grid
/// always, the one of docs/experiments.md with RALM_TEST_LONG=1.
/// </summary>
public sealed class DecisionGridSpecs(ITestOutputHelper output)
{
    private const double Alpha = .05;

    private static readonly int Runs = Seeds.IsLong ? 200 : 40;

    private static readonly (string Name, MetricKind Kind, double Rate)[] Metrics =
    [
        ("rate .3", MetricKind.Binary, .3),
        ("rate .05", MetricKind.Binary, .05),
        ("rate .005", MetricKind.Binary, .005),
        ("rate .0005", MetricKind.Binary, .0005),
        ("count .3", MetricKind.Count, .3),
        ("revenue, 1 % buyers", MetricKind.Continuous, .01),
        ("sparse ratio .2", MetricKind.Ratio, .2),
    ];

    public static TheoryData<string, string, string> Grid =>
        new(
            from split in (string[])(
                Seeds.IsLong ? ["50:50", "10:90", "90:10", "5:95", "95:5", "1:99", "99:1"] : ["50:50", "5:95", "99:1"]
            )
            from metric in Metrics.Select(m => m.Name).Append("adjusted count")
            from looks in (string[])(Seeds.IsLong ? ["1", "10", "100"] : ["50"])
            select (split, metric, looks)
        );

    [Theory]
    [MemberData(nameof(Grid))]
    public void No_difference_seldom_decides_anything(string split, string metric, string looks)
    {
        var result = Simulator.Play(Design(split, metric, looks), TestContext.Current.CancellationToken, threads: 1);

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {split} | {metric} | {looks} | {result.FalsePrimary:P1} | {result.FalseGuardrail:P1} | {result.FalseRollout:P1} | {result.Coverage:P1} |"
            )
        );
        var most = Alpha + 3 * Math.Sqrt(Alpha * (1 - Alpha) / result.Runs);
        Assert.InRange(result.FalsePrimary, 0, most);
        Assert.InRange(result.FalseGuardrail, 0, most);
        Assert.InRange(result.FalseRollout, 0, most);
        Assert.InRange(result.Coverage, 1 - most, 1);
    }

    /// <summary>The methods that look when it was planned, and the mixture test, at an even and at a small split.</summary>
    [Theory]
    [InlineData("50:50", "rate .05", Method.Msprt)]
    [InlineData("5:95", "rate .05", Method.Msprt)]
    [InlineData("5:95", "count .3", Method.Msprt)]
    [InlineData("50:50", "rate .05", Method.GroupSequential)]
    [InlineData("95:5", "count .3", Method.GroupSequential)]
    [InlineData("95:5", "count .3", Method.FixedHorizon)]
    [InlineData("5:95", "revenue, 1 % buyers", Method.FixedHorizon)]
    public void Other_methods_err_no_more_often_than_they_say(string split, string metric, Method method)
    {
        var design = Design(split, metric, "50");
        (design.Definition.Method, design.Definition.HorizonUnits) = (method, design.Units / 2);
        var result = Simulator.Play(design, TestContext.Current.CancellationToken, threads: 1);

        output.WriteLine($"{method}, {split}, {metric}: {result.FalsePrimary:P1}");
        Assert.InRange(result.FalsePrimary, 0, Alpha + 3 * Math.Sqrt(Alpha * (1 - Alpha) / Runs));
    }

    [Fact]
    public void The_same_seed_plays_the_same()
    {
        var design = Design("5:95", "rate .05", "50");
        design.Runs = 5;

        var (once, again) = (Play(), Play());

        Assert.Equal(once, again);

        SimulationResult Play() => Simulator.Play(design, TestContext.Current.CancellationToken, threads: 1);
    }

    [Fact]
    public void An_effect_that_is_there_is_found_and_covered()
    {
        var design = DesignRules.Complete(
            new SimulationDesign
            {
                Rates = { .1 },
                Effect = .05,
                Units = 8_000,
                LookEvery = 200,
                Runs = 40,
                Seed = 3,
            }
        );
        Assert.Null(DesignRules.Check(design));

        var result = Simulator.Play(design, TestContext.Current.CancellationToken, threads: 1);

        Assert.InRange(result.Power, .9, 1);
        Assert.InRange(result.Coverage, .85, 1);
        Assert.InRange(result.MedianUnits, 500, 5_000);
        Assert.Equal(0, result.FalsePrimary);
    }

    private static SimulationDesign Design(string split, string metric, string looks)
    {
        var adjusted = metric == "adjusted count";
        var (_, kind, rate) = adjusted ? ("", MetricKind.Count, .3) : Metrics.Single(m => m.Name == metric);
        var design = new SimulationDesign
        {
            Split = { split.Split(':').Select(s => double.Parse(s, CultureInfo.InvariantCulture)) },
            Metric = kind,
            Rates = { rate },
            Units = 3_000,
            LookEvery = int.Parse(looks, CultureInfo.InvariantCulture),
            // Every event is a look: few runs take long.
            Runs = looks == "1" ? 40 : Runs,
            Seed = 7,
        };
        design = DesignRules.Complete(design);
        foreach (var m in design.Definition.Metrics)
        {
            m.Adjusted = adjusted;
        }

        Assert.Null(DesignRules.Check(design));
        return design;
    }
}
