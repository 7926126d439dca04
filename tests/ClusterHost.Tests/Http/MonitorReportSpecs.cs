using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RalmActors.ClusterHost.Commands;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Tests.Node;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>The last hours of a source, as JSON and as a page.</summary>
public sealed class MonitorReportSpecs(SharedNode shared) : IDisposable
{
    private const string Source = "app:report";

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-report-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_report_has_the_series_the_alerts_that_fired_and_the_gaps()
    {
        var http = await Filled();

        var report = (await http.GetFromJsonAsync<JsonNode>($"/training/monitor/{Source}/report?hours=1", Ct))!;
        Assert.Equal(
            ["errors_total", "queue_length{l=\"x\"}"],
            report["series"]!["series"]!.AsArray().Select(s => (string)s!["metric"]!)
        );
        Assert.Single(report["gaps"]!.AsArray());
        var firing = Assert.Single(report["alerts"]!["firings"]!.AsArray())!;
        Assert.Equal("too-long", (string)firing["rule_id"]!);

        var page = await http.GetStringAsync($"/training/monitor/{Source}/report.html?hours=1", Ct);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("2 series; 1 alerts fired, 0 still do; 1 gaps", page, StringComparison.Ordinal);
        Assert.Contains("too-long", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_reported_is_refused()
    {
        var http = await Filled();

        using var hours = await http.GetAsync($"/training/monitor/{Source}/report?hours=0", Ct);
        Assert.Equal(HttpStatusCode.BadRequest, hours.StatusCode);
        using var nobody = await http.GetAsync("/training/monitor/app:never-heard-of/report.html", Ct);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task The_verb_writes_the_page_and_says_what_is_wrong()
    {
        var http = await Filled();
        var (file, key) = (Path.Combine(_folder, "report.html"), Path.Combine(_folder, "api-key"));
        await File.WriteAllTextAsync(key, TestNode.Key + "\n", Ct);
        var url = http.BaseAddress!.ToString();

        Assert.Equal(0, await Run("--source", Source, "--hours", "1", "--out", file, "--url", url, "--key-file", key));
        Assert.Contains("too-long", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        await Refused(
            "nobody has told of it",
            "--source",
            "app:nobody",
            "--url",
            url,
            "--key-file",
            key,
            "--out",
            file
        );
        await Refused("hours", "--source", Source, "--hours", "-1", "--url", url, "--key-file", key, "--out", file);
        await Refused("no such file", "--source", Source, "--url", url, "--key-file", key + "s");
        await Refused("must be http", "--source", Source, "--url", "here", "--key-file", key);
    }

    private static async Task Refused(string said, params string[] args) =>
        Assert.Contains(
            said,
            (await Assert.ThrowsAsync<CommandLineException>(() => Run(args))).Message,
            StringComparison.Ordinal
        );

    private static Task<int> Run(params string[] args) =>
        ReportCommand
            .Create()
            .Parse(args)
            .InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = TextWriter.Null },
                Ct
            );

    private async Task<HttpClient> Filled()
    {
        var http = (await shared.Node()).Client;
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-30);
        await Post(
            http,
            "rules",
            """{"header":{"command_id":"r"},"rules":[{"rule_id":"too-long","metric":"queue_length{l=\"x\"}","comparison":"ABOVE","threshold":10,"severity":"WARNING"}]}"""
        );
        for (var i = 0; i < 40; i++)
        {
            var at = start.AddSeconds(20 * (i < 20 ? i : i + 10)).ToString("O", CultureInfo.InvariantCulture);
            var queue = i is >= 5 and < 9 ? 20 : 3;
            await Post(
                http,
                "samples",
                $$$"""{"header":{"command_id":"s-{{{i}}}"},"at":"{{{at}}}","interval_seconds":20,"points":[{"name":"queue_length{l=\"x\"}","value":{{{queue}}}},{"name":"errors_total","value":{{{i}}}}]}"""
            );
        }

        return http;
    }

    /// <summary>Another spec of the same node may have told it all already.</summary>
    private static async Task Post(HttpClient http, string path, string body)
    {
        using var answer = await http.PostAsJsonAsync($"/training/monitor/{Source}/{path}", JsonNode.Parse(body), Ct);
        Assert.True(
            answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.Conflict,
            await answer.Content.ReadAsStringAsync(Ct)
        );
    }
}
