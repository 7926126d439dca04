using RalmActors.Messages.AbTesting;
using Xunit;

namespace RalmActors.Messages.Tests.AbTesting;

public sealed class GrowthBookSpecs
{
    [Theory]
    [InlineData("", "a", 1, 2200)]
    [InlineData("b", "a", 1, 9460)]
    [InlineData("seed", "b", 2, 2696)]
    [InlineData("foo", "def", 2, 2019)]
    public void The_bucket_is_the_one_the_sdks_compute(string seed, string unit, int version, int expected) =>
        Assert.Equal(expected, GrowthBook.Bucket(seed, unit, version));

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Coverage_takes_the_first_part_of_each_arms_range(int exposure, int[] weights, int[][] expected)
    {
        // Units are found by search, one per thousandth: what the ranges say is asked of every bucket.
        var assignment = new Assignment(
            new RunningExperiment
            {
                Salt = "key",
                Hashing = Hashing.Growthbook2,
                Exposure = exposure,
                Cells = 1,
                Arms = { weights.Select(w => new Arm { Weight = w }) },
            }
        );

        for (var i = 0; i < 20_000; i++)
        {
            var bucket = GrowthBook.Bucket("key", $"u{i}", 2);
            var arm = Array.FindIndex(expected, range => bucket >= range[0] && bucket < range[1]);
            Assert.Equal(arm, assignment.Assign($"u{i}").Arm);
        }
    }

    public static TheoryData<int, int[], int[][]> Ranges() =>
        new()
        {
            {
                10_000,
                [5000, 5000],
                [
                    [0, 5000],
                    [5000, 10_000],
                ]
            },
            {
                2000,
                [2000, 3000, 5000],
                [
                    [0, 400],
                    [2000, 2600],
                    [5000, 6000],
                ]
            },
            {
                0,
                [5000, 5000],
                [
                    [0, 0],
                    [5000, 5000],
                ]
            },
        };
}
