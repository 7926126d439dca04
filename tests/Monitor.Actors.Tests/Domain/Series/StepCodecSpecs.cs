using CsCheck;
using RalmActors.Monitoring.Domain.Series;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Series;

public class StepCodecSpecs
{
    private static readonly double[] Odd = [double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e300, 5e-324];

    [Fact]
    public void Steps_come_back_from_a_chunk_and_their_means_to_seven_digits() =>
        Gen.Select(Gen.Int[0, 40], Gen.Double[-1e6, 1e6], Gen.Int[0, 30])
            .Array[1, 60]
            .Sample(points =>
            {
                var table = new StepTable(2, 300_000);
                var times = points.Select((_, i) => i * 30_000L).ToArray();
                table.Add(
                    new Columns(
                        times,
                        [
                            [.. points.Select(p => p.Item1 == 0 ? Sampling.Absent : p.Item2)],
                            [.. points.Select(p => p.Item3 < Odd.Length ? Odd[p.Item3] : p.Item1)],
                        ]
                    )
                );
                var steps = table.ToColumns();

                var back = StepCodec.Open(StepCodec.Seal(steps, new ChunkSpan(1, 9, 0, 1), 300_000), [0, 1]);

                Assert.Equal(steps.UnixMs, back.UnixMs);
                for (var m = 0; m < 2; m++)
                {
                    for (var i = 0; i < steps.UnixMs.Length; i++)
                    {
                        var (before, after) = (steps.Sums[m][i], back.Sums[m][i]);
                        Assert.Equal(
                            (before.Count, before.Least, before.Most, before.Last),
                            (after.Count, after.Least, after.Most, after.Last)
                        );
                        Assert.True(
                            before.Mean.Equals(after.Mean)
                                || Math.Abs(before.Mean - after.Mean) <= 1e-7 * Math.Abs(before.Mean)
                        );
                    }
                }
            });

    [Fact]
    public void Steps_of_steps_are_steps_of_points() =>
        Gen.Double[-1e6, 1e6]
            .Array[1, 200]
            .Sample(values =>
            {
                var points = new Columns([.. values.Select((_, i) => i * 60_000L)], [values]);
                var (fine, coarse, whole) = (
                    new StepTable(1, 300_000),
                    new StepTable(1, 3_600_000),
                    new StepTable(1, 3_600_000)
                );
                fine.Add(points);
                coarse.Add(fine.ToColumns());
                whole.Add(points);

                Assert.All(
                    whole.Steps.Zip(coarse.Steps),
                    p =>
                    {
                        var (one, other) = (p.First.Value[0], p.Second.Value[0]);
                        Assert.Equal(
                            (one.Count, one.Least, one.Most, one.Last),
                            (other.Count, other.Least, other.Most, other.Last)
                        );
                        Assert.Equal(one.Mean, other.Mean, 1e-3);
                    }
                );
            });

    [Fact]
    public void The_next_chunk_of_a_tier_follows_from_the_finer_ones_alone()
    {
        ChunkSpan[] twoHours =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(i => new ChunkSpan(i + 1, i + 1, i * 7_200_000L, (i * 7_200_000L) + 7_170_000)),
        ];

        Assert.Null(Tier.All[1].Next(twoHours.Take(10)));
        Assert.Equal(new ChunkSpan(1, 11, 0, 10 * 7_200_000L + 7_170_000), Tier.All[1].Next(twoHours));
        Assert.Equal(400, Tier.All[1].Next(Enumerable.Range(1, 500).Select(i => new ChunkSpan(i, i, 0, 1)))!.ThroughNr);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(30_000, 0)]
    [InlineData(300_000, 1)]
    [InlineData(900_000, 1)]
    [InlineData(3_600_000, 2)]
    [InlineData(5_400_000, 1)]
    [InlineData(86_400_000, 2)]
    [InlineData(100_000_000, 0)]
    public void A_step_is_made_of_the_coarsest_that_fit_into_it(long stepMs, int tier) =>
        Assert.Equal(tier, Tier.Of(stepMs).Nr);
}
