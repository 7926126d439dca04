using System.Text;
using RalmActors.Messages.AbTesting;
using Xunit;

namespace RalmActors.Messages.Tests.AbTesting;

public sealed class AssignmentSpecs
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("hello", 613153351u)]
    [InlineData("hello, world", 0x149bbb7fu)]
    [InlineData("model_comparison:user_123", 170927004u)]
    public void The_hash_is_murmur3_of_the_utf8_bytes(string text, uint expected) =>
        Assert.Equal(expected, Murmur3.Hash(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_bucket_is_the_hash_of_salt_and_unit_modulo_ten_thousand() =>
        Assert.Equal(7004, Assignment.Bucket("model_comparison", "user_123"));

    [Fact]
    public void Arms_get_their_share_of_units()
    {
        var assignment = new Assignment(Test(10_000, 2000, 3000, 5000));
        var arms = Enumerable.Range(0, 100_000).CountBy(i => assignment.Assign($"unit-{i}").Arm).ToDictionary();

        Assert.InRange(arms[0], 19_500, 20_500);
        Assert.InRange(arms[1], 29_500, 30_500);
        Assert.InRange(arms[2], 49_400, 50_600);
    }

    [Fact]
    public void Raising_the_exposure_adds_units_and_moves_nobody()
    {
        var small = new Assignment(Test(1000, 5000, 5000));
        var large = new Assignment(Test(5000, 5000, 5000));
        var units = Enumerable.Range(0, 20_000).Select(i => $"unit-{i}").ToArray();

        var before = units.Where(u => small.Assign(u).TakesPart).ToArray();
        Assert.InRange(before.Length, 1800, 2200);
        Assert.All(before, u => Assert.Equal(small.Assign(u), large.Assign(u)));
        Assert.InRange(units.Count(u => large.Assign(u).TakesPart), 9700, 10_300);
    }

    [Fact]
    public void Tests_of_one_layer_share_no_unit_and_the_holdout_is_in_none()
    {
        Assignment InLayer(string salt, int from, int to)
        {
            var test = Test(10_000, 5000, 5000);
            test.Salt = salt;
            test.Family = "city";
            test.Holdout = 1000;
            test.Layer = new Layer
            {
                Name = "ranking",
                From = from,
                To = to,
            };
            return new Assignment(test);
        }

        var (one, two) = (InLayer("one", 0, 4000), InLayer("two", 4000, 10_000));
        var seen = Enumerable
            .Range(0, 20_000)
            .Select(i => (one.Assign($"u{i}").TakesPart, two.Assign($"u{i}").TakesPart))
            .CountBy(x => x)
            .ToDictionary();

        Assert.False(seen.ContainsKey((true, true)));
        Assert.InRange(seen[(true, false)], 6900, 7500);
        Assert.InRange(seen[(false, true)], 10_500, 11_100);
        Assert.InRange(seen[(false, false)], 1800, 2200);
    }

    [Fact]
    public void Cells_fill_evenly_and_do_not_know_the_arm()
    {
        var assignment = new Assignment(Test(10_000, 5000, 5000));
        var units = Enumerable.Range(0, 64_000).Select(i => assignment.Assign($"unit-{i}")).ToArray();

        Assert.All(units.CountBy(u => (u.Cell, u.Arm)), c => Assert.InRange(c.Value, 1800, 2200));
    }

    [Fact]
    public void Assigning_allocates_nothing()
    {
        var assignment = new Assignment(Test(5000, 5000, 5000));
        assignment.Assign("warm");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            assignment.Assign("some-unit");
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static RunningExperiment Test(int exposure, params int[] weights) =>
        new()
        {
            ExperimentId = "t",
            Salt = "salted",
            Running = true,
            Exposure = exposure,
            Cells = 16,
            Arms = { weights.Select((w, i) => new Arm { Name = $"arm-{i}", Weight = w }) },
        };
}
