using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RalmActors.ClusterHost.Tests.Node;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>Series as others read them.</summary>
public sealed class SeriesExportSpecs(SharedNode shared)
{
    private const int Samplings = 240;
    private const int Metrics = 900;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_form_has_every_point_over_all_pages()
    {
        var (http, path) = await Filled("app:export");

        var csv = (await http.GetStringAsync($"{path}/series.csv", Ct)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        Assert.Equal(1 + Samplings, csv.Length);
        Assert.StartsWith("time,\"a{l=\"\"x,y\"\"}\",m000,", csv[0], StringComparison.Ordinal);
        Assert.All(csv, row => Assert.True(row.Split(',').Length >= Metrics));
        Assert.Equal(
            Enumerable.Range(0, Samplings).Select(i => i % 7 == 0 ? "" : $"{i}.5"),
            csv.Skip(1).Select(row => row.Split(',')[1])
        );

        var lines = (await http.GetStringAsync($"{path}/series.jsonl?metrics=a*&metrics=m001", Ct))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToArray();
        Assert.Equal(Samplings, lines.Length);
        Assert.Null(lines[7]["values"]!["a{l=\"x,y\"}"]);
        Assert.Equal(8.5, (double)lines[8]["values"]!["a{l=\"x,y\"}"]!);
        Assert.Equal(9, (double)lines[8]["values"]!["m001"]!);

        var prom = (await http.GetStringAsync($"{path}/series.prom", Ct)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        Assert.Equal("# EOF", prom[^1]);
        Assert.Equal(Metrics, prom.Count(line => line.StartsWith("# TYPE", StringComparison.Ordinal)));
        Assert.Equal(
            Samplings,
            prom.Count(line => line.StartsWith("m000{source=\"app:export\"} ", StringComparison.Ordinal))
        );
        Assert.Contains(
            prom,
            line => line.StartsWith("a{source=\"app:export\",l=\"x,y\"} 1.5 ", StringComparison.Ordinal)
        );
        await AssertPrometheusReads(string.Join('\n', prom) + "\n");
    }

    [Fact]
    public async Task Steps_and_functions_are_exported_too_and_a_bad_question_is_refused()
    {
        var (http, path) = await Filled("app:export-steps", metrics: 2);

        var csv = (
            await http.GetStringAsync($"{path}/series.csv?metrics=m000&step_seconds=60&function=INCREASE", Ct)
        ).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(csv.Length, 4, 7);
        Assert.Equal("60", csv[2].Split(',')[1]);
        using var refused = await http.GetAsync($"{path}/series.csv?function=MODE&step_seconds=60", Ct);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var unknown = await http.GetAsync($"{path}/series.prom?metrics=nothing", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private async Task<(HttpClient Http, string Path)> Filled(string source, int metrics = Metrics)
    {
        var http = (await shared.Node()).Client;
        var start = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3600);
        for (var i = 0; i < Samplings; i++)
        {
            var points = new JsonArray();
            for (var m = 0; m < metrics - 1; m++)
            {
                points.Add(Point($"m{m:000}", i + m));
            }

            points.Add(Point("a{l=\"x,y\"}", i % 7 == 0 ? "NaN" : i + 0.5));
            using var answer = await http.PostAsJsonAsync(
                $"/training/monitor/{source}/samples",
                new JsonObject
                {
                    ["header"] = new JsonObject { ["command_id"] = $"e-{i}" },
                    ["at"] = start.AddSeconds(i).ToString("O", CultureInfo.InvariantCulture),
                    ["interval_seconds"] = 1,
                    ["points"] = points,
                },
                Ct
            );
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        }

        return (http, $"/training/monitor/{source}");
    }

    private static JsonObject Point(string name, JsonNode value) => new() { ["name"] = name, ["value"] = value };

    /// <summary>Where its tool is installed.</summary>
    private static async Task AssertPrometheusReads(string text)
    {
        const string Tool = "/usr/bin/promtool";
        if (!File.Exists(Tool))
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("ralm-prom-").FullName;
        try
        {
            var file = Path.Combine(folder, "series.prom");
            await File.WriteAllTextAsync(file, text, Ct);
            using var process = Process.Start(
                new ProcessStartInfo(
                    Tool,
                    ["tsdb", "create-blocks-from", "openmetrics", file, Path.Combine(folder, "blocks")]
                )
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var said = await process.StandardOutput.ReadToEndAsync(Ct) + await process.StandardError.ReadToEndAsync(Ct);
            await process.WaitForExitAsync(Ct);
            Assert.True(process.ExitCode == 0, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
