using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Meters;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Meters;

public sealed class MetricTableSpecs
{
    private const string Head = "| Metric | Labels | Says |\n|---|---|---|\n";

    /// <summary>RALM_WRITE_TABLES=1 writes it.</summary>
    [Fact]
    public void The_table_of_metrics_is_that_of_the_code()
    {
        var path = RepositoryFiles.PathOf("docs", "monitoring.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Head, StringComparison.Ordinal) + Head.Length;
        var to = text.IndexOf("\n\n", from - 1, StringComparison.Ordinal) + 1;
        var right = string.Concat(RalmMetrics.All.Select(Row));
        if (Environment.GetEnvironmentVariable("RALM_WRITE_TABLES") == "1")
        {
            File.WriteAllText(path, text[..from] + right + text[to..]);
            return;
        }

        Assert.Equal(right, text[from..to]);
    }

    [Fact]
    public void Each_metric_has_a_name_of_its_own_and_says_what_it_is()
    {
        Assert.NotEmpty(RalmMetrics.All);
        Assert.Equal(RalmMetrics.All.Count, RalmMetrics.All.DistinctBy(NameOf, StringComparer.Ordinal).Count());
        Assert.All(RalmMetrics.All, m => Assert.Matches("^[A-Z0-9/].*[^.]$", m.Description));
    }

    private static string NameOf(MetricDefinition metric) => PrometheusNames.Of(metric.Name, metric.Unit, metric.Kind);

    private static string Row(MetricDefinition metric) =>
        $"| `{NameOf(metric)}` ({metric.Kind.ToString().ToLowerInvariant()}) | {string.Join(", ", metric.Labels)} | {metric.Description} |\n";
}
