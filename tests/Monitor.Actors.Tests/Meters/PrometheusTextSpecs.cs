using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Meters;
using Xunit;

namespace RalmActors.Monitoring.Tests.Meters;

public sealed class PrometheusTextSpecs
{
    private static readonly MetricFamily Answers = new(
        "RalmActors",
        "ralm.answers",
        MetricKind.Counter,
        "{answer}",
        "How often \\ was said",
        [new MetricSeries("to=\"a\\\"b\"", 3, null)]
    );

    [Fact]
    public void A_counter_in_the_text_of_prometheus() =>
        Assert.Equal(
            "# HELP ralm_answers_total How often \\\\ was said\n"
                + "# TYPE ralm_answers_total counter\n"
                + "ralm_answers_total{to=\"a\\\"b\"} 3\n",
            PrometheusText.Write([Answers], openMetrics: false)
        );

    [Fact]
    public void A_counter_in_open_metrics() =>
        Assert.Equal(
            "# HELP ralm_answers How often \\\\ was said\n"
                + "# TYPE ralm_answers counter\n"
                + "ralm_answers_total{to=\"a\\\"b\"} 3\n# EOF\n",
            PrometheusText.Write([Answers], openMetrics: true)
        );

    [Fact]
    public void A_histogram_counts_what_is_at_most_each_bound()
    {
        var counts = new long[Distribution.Buckets];
        foreach (var value in (double[])[0.25, 0.3, 5_000])
        {
            counts[Distribution.BucketOf(value)]++;
        }

        var time = new MetricFamily("m", "t", MetricKind.Histogram, "s", "T", [new MetricSeries("", 5_000.55, counts)]);
        var lines = PrometheusText.Write([time], openMetrics: false).Split('\n');

        Assert.Contains("t_seconds_bucket{le=\"0.125\"} 0", lines);
        Assert.Contains("t_seconds_bucket{le=\"0.25\"} 1", lines);
        Assert.Contains("t_seconds_bucket{le=\"0.5\"} 2", lines);
        Assert.Contains("t_seconds_bucket{le=\"32\"} 2", lines);
        Assert.Contains("t_seconds_bucket{le=\"+Inf\"} 3", lines);
        Assert.Contains("t_seconds_sum 5000.55", lines);
        Assert.Contains("t_seconds_count 3", lines);
    }

    [Theory]
    [InlineData("dotnet.gc.collections", "{collection}", MetricKind.Counter, "dotnet_gc_collections_total")]
    [InlineData("dotnet.process.memory.working_set", "By", MetricKind.Gauge, "dotnet_process_memory_working_set_bytes")]
    [InlineData("ralm.score.duration", "s", MetricKind.Histogram, "ralm_score_duration_seconds")]
    [InlineData("up.time.seconds", "s", MetricKind.Gauge, "up_time_seconds")]
    public void Names_are_those_of_open_telemetrys_rules(string name, string unit, MetricKind kind, string right) =>
        Assert.Equal(right, PrometheusNames.Of(name, unit, kind));
}
