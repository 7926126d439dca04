using Ralm.Datasets.Descriptions;
using Xunit;

namespace Ralm.Datasets.Tests.Descriptions;

public sealed class TimeBordersSpecs
{
    [Fact]
    public void The_earliest_rows_train_and_the_last_ones_test_by_their_shares()
    {
        var times = Enumerable.Range(0, 1_000).Select(k => (double)k).ToArray();

        var borders = TimeBorders.Of(times, valid: 0.1, heldOut: 0.2);

        Assert.Equal(new TimeBorders(700, 800), borders);
        Assert.Equal(
            [700, 100, 200],
            Enum.GetValues<Split>().Select(part => times.Count(time => borders.Of(time) == part))
        );
    }

    [Fact]
    public void Rows_of_one_moment_stay_together_in_any_order()
    {
        var random = new Random(3);
        var times = Enumerable.Range(0, 500).Select(_ => (double)random.Next(40)).ToArray();

        var borders = TimeBorders.Of(times, 0.2, 0.2);

        for (var shuffle = 0; shuffle < 5; shuffle++)
        {
            random.Shuffle(times);
            Assert.Equal(borders, TimeBorders.Of(times, 0.2, 0.2));
        }

        var parts = times.GroupBy(borders.Of).ToDictionary(p => p.Key, p => p.ToArray());
        Assert.True(parts[Split.Train].Max() < parts[Split.Valid].Min());
        Assert.True(parts[Split.Valid].Max() < parts[Split.Test].Min());
        Assert.InRange(parts[Split.Train].Length, 260, 300);
    }

    [Fact]
    public void Without_a_share_nothing_tests()
    {
        var borders = TimeBorders.Of([3, 1, 2, 5, 4], 0.2, 0);

        Assert.Equal(new TimeBorders(5, double.PositiveInfinity), borders);
    }

    [Fact]
    public void One_moment_alone_cannot_be_parted()
    {
        var refused = Assert.Throws<FormatException>(() =>
            TimeBorders.Of(Enumerable.Repeat(7.0, 100).Append(9), 0.1, 0.1)
        );

        Assert.Contains("the same time", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => TimeBorders.Of([1, 2], 0.1, 0.1));
    }

    [Fact]
    public void A_rank_is_found_without_sorting_among_any_numbers()
    {
        var random = new Random(11);
        double[] values =
        [
            0.0,
            -0.0,
            double.MaxValue,
            double.MinValue,
            double.Epsilon,
            -double.Epsilon,
            .. Enumerable.Range(0, 300).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-9, 12))),
            .. Enumerable.Range(0, 100).Select(_ => (double)random.Next(5)),
        ];
        random.Shuffle(values);
        var sorted = values.Order().ToArray();

        for (var rank = 0; rank < sorted.Length; rank++)
        {
            Assert.Equal(sorted[rank], OrderStatistic.Of(values, rank));
        }
    }
}
