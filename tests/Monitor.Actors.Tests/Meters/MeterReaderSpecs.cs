using System.Diagnostics.Metrics;
using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Meters;
using Xunit;

namespace RalmActors.Monitoring.Tests.Meters;

public sealed class MeterReaderSpecs : IDisposable
{
    private readonly MeterReader _reader = new();

    public void Dispose() => _reader.Dispose();

    [Fact]
    public void Steps_of_a_counter_add_up_under_each_set_of_labels()
    {
        var counter = _reader.NodeMeter.CreateCounter<long>("spec.counted");

        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(1, new KeyValuePair<string, object?>("kind", "b"));
        counter.Add(7);

        Assert.Equal(
            [("", 7), ("kind=\"a\"", 5), ("kind=\"b\"", 1)],
            Of("spec.counted").Series.Select(s => (s.Labels, (int)s.Value))
        );
    }

    [Fact]
    public void What_goes_up_and_down_and_what_is_distributed()
    {
        var waiting = _reader.NodeMeter.CreateUpDownCounter<int>("spec.waiting");
        var time = _reader.NodeMeter.CreateHistogram<double>("spec.time", "s");

        waiting.Add(3);
        waiting.Add(-1);
        time.Record(0.5);
        time.Record(2);
        time.Record(double.NaN);

        Assert.Equal((MetricKind.Gauge, 2), (Of("spec.waiting").Kind, Of("spec.waiting").Series[0].Value));
        var distributed = Of("spec.time").Series[0];
        Assert.Equal((2.5, 2), (distributed.Value, distributed.Counts!.Sum()));
    }

    [Fact]
    public void What_is_not_observed_any_more_is_not_there()
    {
        Measurement<double>[] seen = [new(1, new KeyValuePair<string, object?>("lineage", "x"))];
        _reader.NodeMeter.CreateObservableGauge("spec.seen", () => seen);

        Assert.Equal(["lineage=\"x\""], Of("spec.seen").Series.Select(s => s.Labels));
        seen = [new(4, new KeyValuePair<string, object?>("lineage", "y"))];
        Assert.Equal([("lineage=\"y\"", 4.0)], Of("spec.seen").Series.Select(s => (s.Labels, s.Value)));
    }

    [Fact]
    public void One_that_cannot_be_observed_does_not_hide_the_others()
    {
        _reader.NodeMeter.CreateObservableGauge("spec.broken", Broken);
        _reader.NodeMeter.CreateObservableGauge("spec.whole", () => 1.0);

        Assert.Equal(1, Of("spec.whole").Series[0].Value);
    }

    [Fact]
    public void Another_nodes_own_and_strangers_are_passed_over()
    {
        using var other = new MeterReader();
        using var stranger = new Meter("Somebody.Else");
        other.NodeMeter.CreateCounter<long>("spec.others").Add(1);
        stranger.CreateCounter<long>("spec.strange").Add(1);

        Assert.DoesNotContain(_reader.Read(), f => f.Name is "spec.others" or "spec.strange");
        Assert.Contains(other.Read(), f => f.Name == "spec.others");
    }

    [Fact]
    public void Of_a_request_only_what_is_asked_for_tells_series_apart()
    {
        var scope = new object();
        using var reader = new MeterReader(scope);
        using var http = new Meter(new MeterOptions(MeterReader.Http) { Scope = scope });
        var time = http.CreateHistogram<double>("http.server.request.duration", "s");

        foreach (var protocol in (string[])["1.1", "2"])
        {
            time.Record(
                1,
                new("url.scheme", "http"),
                new("http.request.method", "GET"),
                new("http.response.status_code", 200),
                new("network.protocol.version", protocol),
                new("http.route", "/training/users/{user_id}")
            );
        }

        var series = Assert.Single(reader.Read().Single(f => f.Name == "http.server.request.duration").Series);
        Assert.Equal(2, series.Counts!.Sum());
        Assert.Equal(
            "http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/training/users/{user_id}\"",
            series.Labels
        );
    }

    [Fact]
    public void Names_without_end_do_not_fill_the_memory()
    {
        var counter = _reader.NodeMeter.CreateCounter<long>("spec.endless");
        for (var i = 0; i < 2 * MeasuredInstrument.MaxSeries; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("name", $"n-{i}"));
        }

        var series = Of("spec.endless").Series;
        Assert.Equal(MeasuredInstrument.MaxSeries + 1, series.Count);
        Assert.Equal(
            MeasuredInstrument.MaxSeries,
            series.Single(s => s.Labels == "otel_metric_overflow=\"true\"").Value
        );
    }

    [Fact]
    public void A_measurement_allocates_nothing()
    {
        var (counted, time) = (
            _reader.NodeMeter.CreateCounter<long>("spec.free"),
            _reader.NodeMeter.CreateHistogram<double>("spec.free.time")
        );
        var (a, b) = (
            new KeyValuePair<string, object?>("region", "user"),
            new KeyValuePair<string, object?>("outcome", "accepted")
        );
        Measure(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure(int times)
        {
            for (var i = 0; i < times; i++)
            {
                counted.Add(1, a, b);
                time.Record(0.001 * i);
                RalmMetrics.SamplesAccepted.Add(1);
            }
        }
    }

    private static double Broken() => throw new InvalidOperationException();

    private MetricFamily Of(string name) => _reader.Read().Single(f => f.Name == name);
}
