using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Meters;
using Xunit;

namespace RalmActors.Monitoring.Tests.Meters;

public sealed class MeterProbeSpecs : IDisposable
{
    private readonly MeterReader _reader = new();
    private readonly MeterProbe _probe;

    public MeterProbeSpecs() => _probe = new MeterProbe(_reader);

    public void Dispose()
    {
        _probe.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public void Quantiles_are_of_what_came_since_the_sampling_before_and_counts_since_the_start()
    {
        var time = _reader.NodeMeter.CreateHistogram<double>("spec.time", "s");
        time.Record(1);
        Assert.Equal(1, Look()["spec_time_seconds_count"]);

        time.Record(0.015625);
        var second = Look();
        Assert.Equal((2, 1.015625), (second["spec_time_seconds_count"], second["spec_time_seconds_sum"]));
        Assert.InRange(second["spec_time_seconds{quantile=\"0.99\"}"], 0.0140, 0.015625);

        Assert.DoesNotContain("spec_time_seconds{quantile=\"0.99\"}", Look().Keys);
    }

    [Fact]
    public void A_sampling_stays_within_its_size_however_much_there_is()
    {
        var counter = _reader.NodeMeter.CreateCounter<long>("spec.many");
        var other = _reader.NodeMeter.CreateCounter<long>("spec.more");
        for (var i = 0; i < 490; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
            other.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        Assert.InRange(Look().Count, 700, 800);
    }

    private Dictionary<string, double> Look()
    {
        var points = new List<MetricPoint>();
        _probe.Sample(points);
        return points.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
    }
}
