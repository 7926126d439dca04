using CsCheck;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class DedupWindowSpecs
{
    [Fact]
    public void It_recognises_what_was_added_and_nothing_else()
    {
        var window = new DedupWindow(16);
        window.Add("c-1");

        Assert.True(window.Contains("c-1"));
        Assert.False(window.Contains("c-2"));
        Assert.False(window.Contains("C-1"));
    }

    [Fact]
    public void The_oldest_id_is_forgotten_first()
    {
        var window = new DedupWindow(16);
        for (var i = 0; i <= 16; i++)
        {
            window.Add($"c-{i}");
        }

        Assert.Equal(16, window.Count);
        Assert.False(window.Contains("c-0"));
        Assert.True(window.Contains("c-1"));
    }

    [Fact]
    public void An_id_added_twice_takes_one_place_and_does_not_become_younger()
    {
        var window = new DedupWindow(16);
        for (var i = 0; i < 16; i++)
        {
            window.Add($"c-{i}");
        }

        window.Add("c-0");
        window.Add("c-16");

        Assert.Equal(16, window.Count);
        Assert.False(window.Contains("c-0"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_048_577)]
    public void A_capacity_outside_16_to_1048576_is_refused(int capacity)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => new DedupWindow(capacity));

        Assert.Contains("must be 16 to 1,048,576", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(capacity, refusal.ActualValue);
    }

    [Fact]
    public void An_id_takes_sixteen_bytes_of_the_snapshot()
    {
        var window = new DedupWindow(16);
        window.Add("c-1");
        window.Add(new string('x', Ids.MaxLength));

        Assert.Equal(32, window.ToBytes().Length);
    }

    /// <summary>The layout is journaled: XXH128, little-endian low half first, oldest id first.</summary>
    [Fact]
    public void Its_bytes_are_what_the_first_release_wrote()
    {
        var window = new DedupWindow(16);
        window.Add("c-1");
        window.Add("c-2");

        Assert.Equal(Golden, Convert.ToHexStringLower(window.ToBytes().Span));
    }

    private const string Golden = "0ccdb13f118ea0625c7d8455d5fc47e5b7f5c189b22856b575ed3c4ae4f18b07";

    [Fact]
    public void Restored_from_bytes_it_behaves_like_the_original_from_there_on() =>
        Gen.Select(Gen.Int[0, 40].Array[0, 60], Gen.Int[0, 40].Array[0, 60])
            .Sample(
                (before, after) =>
                {
                    var original = new DedupWindow(16);
                    Array.ForEach(before, i => original.Add($"c-{i}"));
                    var restored = new DedupWindow(16);
                    restored.Restore(original.ToBytes());
                    Array.ForEach(after, i => original.Add($"c-{i}"));
                    Array.ForEach(after, i => restored.Add($"c-{i}"));

                    Assert.Equal(original.ToBytes(), restored.ToBytes());
                    Assert.All(
                        Enumerable.Range(0, 41),
                        i => Assert.Equal(original.Contains($"c-{i}"), restored.Contains($"c-{i}"))
                    );
                }
            );

    [Fact]
    public void It_knows_the_last_distinct_ids_whatever_the_order_of_repeats() =>
        Gen.Int[0, 30]
            .Array[0, 200]
            .Sample(ids =>
            {
                var window = new DedupWindow(16);
                List<int> model = [];
                foreach (var id in ids)
                {
                    window.Add($"c-{id}");
                    if (!model.Contains(id))
                    {
                        model.Add(id);
                    }

                    if (model.Count > 16)
                    {
                        model.RemoveAt(0);
                    }
                }

                Assert.All(Enumerable.Range(0, 31), i => Assert.Equal(model.Contains(i), window.Contains($"c-{i}")));
            });

    [Fact]
    public void A_smaller_window_takes_over_the_youngest_ids_of_a_larger_one()
    {
        var large = new DedupWindow(32);
        for (var i = 0; i < 32; i++)
        {
            large.Add($"c-{i}");
        }

        var small = new DedupWindow(16);
        small.Restore(large.ToBytes());

        Assert.False(small.Contains("c-15"));
        Assert.True(small.Contains("c-16"));
        Assert.True(small.Contains("c-31"));
    }
}
