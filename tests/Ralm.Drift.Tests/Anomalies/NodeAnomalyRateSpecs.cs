using Ralm.Drift.Anomalies;
using Xunit;

namespace Ralm.Drift.Tests.Anomalies;

public sealed class NodeAnomalyRateSpecs
{
    private static readonly AnomalyPoint Unusual = new(0.9, AnomalyCause.Error, IsRepeat: false);
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Many_series_at_once_are_an_alarm_and_few_are_none()
    {
        var node = Ordinary(10);

        var two = node.Add("s0", Noon, Unusual).Add("s1", Noon, Unusual);
        var three = two.Add("s2", Noon.AddMinutes(5), Unusual);

        Assert.Equal((10, 0.2, false), Of(two.At(Noon.AddMinutes(5))));
        Assert.Equal((10, 0.3, true), Of(three.At(Noon.AddMinutes(5))));
        Assert.Equal(["s0", "s1", "s2"], three.At(Noon.AddMinutes(5)).Anomalous);
    }

    [Fact]
    public void The_same_number_among_many_is_no_consensus()
    {
        var node = Ordinary(16);
        for (var s = 0; s < 3; s++)
        {
            node = node.Add($"s{s}", Noon, Unusual);
        }

        Assert.Equal((16, 3 / 16.0, false), Of(node.At(Noon)));
    }

    [Fact]
    public void An_anomaly_counts_for_a_window_and_one_series_counts_once()
    {
        var node = Ordinary(4).Add("s0", Noon, Unusual).Add("s0", Noon.AddMinutes(1), Unusual);
        for (var s = 0; s < 4; s++)
        {
            node = node.Add($"s{s}", Noon.AddMinutes(29), default);
        }

        Assert.Equal(0.25, node.At(Noon.AddMinutes(30)).Rate);
        Assert.Equal(0, node.At(Noon.AddMinutes(31)).Rate);
    }

    [Fact]
    public void What_comes_late_is_counted_where_it_belongs()
    {
        var node = Ordinary(1).Add("s0", Noon.AddMinutes(20), Unusual).Add("s0", Noon.AddMinutes(-50), Unusual);

        Assert.Equal(1, node.At(Noon.AddMinutes(25)).Rate);
    }

    [Fact]
    public void A_series_that_has_fallen_silent_is_forgotten()
    {
        var node = Ordinary(3).Add("late", Noon.AddMinutes(40), default);

        Assert.Equal(1, node.At(Noon.AddMinutes(40)).Series);
        Assert.Equal(1, node.Forget(Noon.AddMinutes(40)).At(Noon.AddMinutes(40)).Series);
        Assert.Equal((0, 0.0, false), Of(NodeAnomalyRate.Default.At(Noon)));
    }

    private static (int, double, bool) Of(NodeAnomalies node) => (node.Series, node.Rate, node.IsAlarm);

    private static NodeAnomalyRate Ordinary(int series) =>
        Enumerable.Range(0, series).Aggregate(NodeAnomalyRate.Default, (node, s) => node.Add($"s{s}", Noon, default));
}
