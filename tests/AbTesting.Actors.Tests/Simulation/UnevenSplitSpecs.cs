using System.Collections.Immutable;
using MathNet.Numerics.Distributions;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>
/// How often what acts by itself is wrong, at any split: units of both arms are drawn alike, looked at again and again, and the
/// entity's own rules say whether a winner would have been named or a guardrail called broken.
/// </summary>
public sealed class UnevenSplitSpecs(ITestOutputHelper output)
{
    private const double Alpha = .05;
    private const int Units = 3_000;
    private static readonly int LookEvery = Seeds.IsLong ? 10 : 50;
    private static readonly int Runs = Seeds.IsLong ? 1_000 : 100;

    public static TheoryData<int, string> Grid =>
        new(
            from weight in (int[])(Seeds.IsLong ? [5000, 1000, 9000, 500, 9500, 100, 9900] : [5000, 500, 9500, 100])
            from values in (string[])["rate .3", "rate .02", "rate .0005", "count", "revenue"]
            select (weight, values)
        );

    [Theory]
    [MemberData(nameof(Grid))]
    public void No_difference_seldom_names_a_winner_or_breaks_a_guardrail(int armWeight, string values)
    {
        var results = Enumerable.Range(1, Runs).AsParallel().Select(seed => Run(seed, armWeight, values)).ToArray();
        var (won, harmed) = (results.Count(r => r.Won) / (double)Runs, results.Count(r => r.Harmed) / (double)Runs);

        output.WriteLine($"arm {armWeight / 100} %, {values}: {won:P1} name a winner, {harmed:P1} break a guardrail");
        var most = Alpha + 3 * Math.Sqrt(Alpha * (1 - Alpha) / Runs);
        Assert.InRange(won, 0, most);
        Assert.InRange(harmed, 0, most);
    }

    private static (bool Won, bool Harmed) Run(int seed, int armWeight, string values)
    {
        var random = new Random(seed);
        var kind = values.StartsWith("rate", StringComparison.Ordinal) ? MetricKind.Binary : MetricKind.Continuous;
        var test = GivenTest
            .Given(
                GivenTest.Create(d =>
                {
                    (d.Arms[0].Weight, d.Arms[1].Weight) = (10_000 - armWeight, armWeight);
                    d.Metrics.Add(new Metric { Name = "match", Kind = kind });
                    d.Metrics.Add(new Metric { Name = "safe", Kind = kind });
                    d.Guardrails.Add(new Guardrail { Metric = "safe" });
                }),
                GivenTest.Start()
            )
            .State;
        ArmTotals[] arms = [default, default];
        var (won, harmed) = (false, false);
        for (var unit = 1; unit <= Units; unit++)
        {
            var arm = random.Next(10_000) < armWeight ? 1 : 0;
            arms[arm] = arms[arm].Add(ArmTotals.Millionths(Draw(random, values)), 0);
            if (unit % LookEvery == 0)
            {
                var merged = ImmutableSortedDictionary.CreateRange(
                    from a in (int[])[0, 1]
                    from metric in (string[])["match", "safe"]
                    where arms[a].Units > 0
                    select KeyValuePair.Create(new ArmKey(1, a == 0 ? "a" : "b", metric), arms[a])
                );
                var now = Standing.Of(test with { Merged = merged }, null, inFull: false);
                won |= now?.All.Any(c => c.Role == MetricRole.Primary && c.AdjustedP < Alpha) ?? false;
                harmed |= now?.Harm.Length > 0;
            }
        }

        return (won, harmed);
    }

    private static double Draw(Random random, string values) =>
        values switch
        {
            "count" => Poisson.Sample(random, Gamma.Sample(random, .5, 1.5)),
            "revenue" => random.NextDouble() < .01 ? Math.Min(LogNormal.Sample(random, 2, 1.2), 1e6) : 0,
            _ => random.NextDouble() < double.Parse(values[5..], System.Globalization.CultureInfo.InvariantCulture)
                ? 1
                : 0,
        };
}
