using Ralm.Ranking.Schedules;
using Xunit;

namespace Ralm.Ranking.Tests.Schedules;

public sealed class BatchSharesSpecs
{
    [Theory]
    [InlineData(512, 2)]
    [InlineData(513, 2)]
    [InlineData(7, 3)]
    [InlineData(2, 5)]
    public void Shares_are_the_whole_batch_in_order_and_differ_by_a_row_at_most(int rows, int shares)
    {
        int[] batch = [.. Enumerable.Range(100, rows)];

        var parts = Enumerable.Range(0, shares).Select(k => BatchShares.Of(batch, k, shares).ToArray()).ToArray();

        Assert.Equal(batch, parts.SelectMany(p => p));
        Assert.InRange(parts.Max(p => p.Length) - parts.Min(p => p.Length), 0, 1);
    }

    [Fact]
    public void A_batch_that_is_not_shared_keeps_its_seed_and_every_share_has_another()
    {
        Assert.Equal(5UL, BatchShares.Seed(5, 0, 1));
        Assert.Equal(4, Enumerable.Range(0, 3).Select(k => BatchShares.Seed(5, k, 3)).Append(5UL).Distinct().Count());
    }
}
