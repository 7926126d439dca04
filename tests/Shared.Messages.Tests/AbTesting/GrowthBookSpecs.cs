using System.Text.Json;
using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
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

    [Fact]
    [Trait("Category", SharedData.Category)]
    public void Every_published_case_is_met()
    {
        var cases = SharedData.Json("ab", "growthbook", "cases.json");
        var met = 0;
        foreach (var c in cases.GetProperty("hash").EnumerateArray())
        {
            if (c[3].ValueKind == JsonValueKind.Null)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => Hash(c));
            }
            else
            {
                Assert.Equal(c[3].GetDouble(), Hash(c) / 10_000.0, 12);
            }

            met++;
        }

        foreach (var c in cases.GetProperty("inNamespace").EnumerateArray())
        {
            var (bucket, range) = (GrowthBook.NamespaceBucket(c[2][0].GetString(), c[1].GetString()), c[2]);
            var inside =
                bucket >= (int)Math.Round(range[1].GetDouble() * 10_000)
                && bucket < (int)Math.Round(range[2].GetDouble() * 10_000);
            Assert.Equal(c[3].GetBoolean(), inside);
            met++;
        }

        foreach (var c in SharedData.Json("ab", "hash", "hash_vectors.json").EnumerateArray())
        {
            var (user, experiment) = (c.GetProperty("user").GetString(), c.GetProperty("experiment").GetString());
            Assert.Equal(
                c.GetProperty("growthbook_v1").GetDouble(),
                GrowthBook.Bucket(experiment, user, 1) / 10_000.0,
                12
            );
            Assert.Equal(
                c.GetProperty("growthbook_v2").GetDouble(),
                GrowthBook.Bucket(experiment, user, 2) / 10_000.0,
                12
            );
            met++;
        }

        Assert.InRange(met, 300, 1000);

        static int Hash(JsonElement c) => GrowthBook.Bucket(c[0].GetString(), c[1].GetString(), c[2].GetInt32());
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Coverage_takes_the_first_part_of_each_arms_range(int exposure, int[] weights, int[][] expected)
    {
        // Units are found by search, one per thousandth: what the ranges say is asked of every bucket.
        var assignment = new Assignment(
            new RunningTest
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
