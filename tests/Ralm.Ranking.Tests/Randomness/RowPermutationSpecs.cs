using CsCheck;
using Ralm.Ranking.Randomness;
using Xunit;

namespace Ralm.Ranking.Tests.Randomness;

public sealed class RowPermutationSpecs
{
    [Fact]
    public void Every_row_comes_exactly_once() =>
        Gen.Select(Gen.Int[0, 3_000], Gen.ULong)
            .Sample(
                (count, seed) =>
                {
                    var order = new RowPermutation(count, seed);
                    var rows = Enumerable.Range(0, count).Select(k => order[k]).Order();
                    Assert.Equal(Enumerable.Range(0, count), rows);
                },
                iter: 200
            );

    [Fact]
    public void Batches_put_together_are_the_whole_order()
    {
        var order = new RowPermutation(1_030, 9);

        var rows = Enumerable.Range(0, 3).SelectMany(b => order.Batch(b, 512)).ToArray();

        Assert.Equal(1_030, rows.Distinct().Count());
        Assert.Equal(6, order.Batch(2, 512).Length);
        Assert.Empty(order.Batch(3, 512));
    }

    [Fact]
    public void Each_epoch_has_its_own_order_and_neighbours_part()
    {
        var first = new RowPermutation(100_000, RandomStream.ForEpoch(7, 1));
        var second = new RowPermutation(100_000, RandomStream.ForEpoch(7, 2));
        var rows = Enumerable.Range(0, 10_000).Select(k => first[k]).ToArray();

        Assert.True(rows.Index().Count(r => r.Item == second[r.Index]) < 10);
        // Mean distance of neighbours in a random order is a third of the range.
        Assert.InRange(rows.Zip(rows.Skip(1)).Average(p => Math.Abs(p.First - p.Second)), 32_000, 34_700);
        Assert.InRange(rows.Average(), 49_000, 51_000);
    }
}
