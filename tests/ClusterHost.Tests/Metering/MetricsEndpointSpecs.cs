using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Monitoring;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Metering;

/// <summary>One node tells of itself in three ways, under the same names.</summary>
public sealed class MetricsEndpointSpecs : IAsyncLifetime
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly HttpListener _collector = new();
    private readonly int _port = LocalServer.FreePort();
    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _collector.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _collector.Start();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RALM__NODE__NAME"] = "measured",
            ["RALM__MONITOR__INTERVAL"] = "1",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{_port}",
            ["RALM__OTLP__PROTOCOL"] = "http/protobuf",
            ["RALM__OTLP__INTERVAL"] = "1",
        };
        _node = await (await TestNode.Start(settings)).Ready();
        await _node.SendUntilTaken("/training/users/u-1/profile", """{"header":{"command_id":"p-1"},"profile":{}}""");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _collector.Close();
    }

    [Fact]
    public async Task A_scrape_is_text_that_prometheus_reads()
    {
        var text = await Scrape();

        Assert.Contains("\nralm_commands_total{outcome=\"accepted\",region=\"user\"} ", text, Ordinal);
        Assert.Contains("\nralm_events_total{event=\"ProfileUpdated\"} ", text, Ordinal);
        Assert.Contains("\nralm_health{check=\"journal\"} 1\n", text, Ordinal);
        Assert.Contains("\nralm_cluster_members{status=\"up\"} 1\n", text, Ordinal);
        Assert.Contains("http_route=\"/training/users/{user_id}/profile\"", text, Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total{", text, Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line, line));
        Assert.Equal(text.Split('\n').Length, text.Split('\n').Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Promtool_finds_nothing_to_say_of_our_own()
    {
        if (LocalServer.Find("promtool") is not { } promtool)
        {
            Assert.Skip("no promtool: apt-get install prometheus");
            return;
        }

        using var process = Process.Start(
            new ProcessStartInfo(promtool, ["check", "metrics"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            }
        )!;
        await process.StandardInput.WriteAsync(await Scrape());
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync();

        // .NET's own names are as they are.
        Assert.DoesNotContain(said.Split('\n'), line => line.Length > 0 && !line.StartsWith("dotnet_", Ordinal));
    }

    [Fact]
    public async Task Open_metrics_is_answered_to_who_asks_for_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(
            MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0")
        );
        using var answer = await _node.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("\n# EOF\n", text, Ordinal);
        Assert.Contains("# TYPE ralm_commands counter\n", text, Ordinal);
    }

    [Fact]
    public async Task The_nodes_series_have_the_same_names()
    {
        var alerts = await _node.Until<AlertsReply>(
            "/training/monitor/node:measured/alerts",
            reply =>
                reply.Latest.Any(p =>
                    p is { Name: "ralm_commands_total{outcome=\"accepted\",region=\"user\"}", Value: >= 1 }
                )
        );

        var scraped = (await Scrape()).Split('\n').Select(line => line.Split("} ")[0] + '}').ToHashSet();
        Assert.Contains("ralm_health{check=\"champion\"}", alerts.Latest.Select(p => p.Name));
        Assert.All(
            alerts.Latest.Where(p => p.Name.StartsWith("ralm_", Ordinal) && p.Name.Contains("region=", Ordinal)),
            p => Assert.Contains(p.Name, scraped)
        );
    }

    [Fact]
    public async Task A_collector_of_open_telemetry_is_sent_the_same()
    {
        // The first report may be from before the first command.
        var text = await Eventually.Value(Reported, said => said.Contains("ralm.commands", Ordinal));

        Assert.Contains("service.instance.id", text, Ordinal);
        Assert.Contains("measured", text, Ordinal);
    }

    private async Task<string> Reported()
    {
        var context = await _collector.GetContextAsync().WaitAsync(Waiting.Patience);
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        context.Response.Close();
        Assert.Equal(
            ("/v1/metrics", "application/x-protobuf"),
            (context.Request.Url!.AbsolutePath, context.Request.ContentType)
        );
        return Encoding.UTF8.GetString(body.ToArray());
    }

    private static readonly Regex Line = new(
        """^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{([a-z_0-9]+="([^"\\]|\\.)*",?)+\})? ([-+]?[0-9.]+([eE][-+]?[0-9]+)?|[-+]Inf|NaN))$""",
        RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(1)
    );

    private Task<string> Scrape() => _node.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
}
