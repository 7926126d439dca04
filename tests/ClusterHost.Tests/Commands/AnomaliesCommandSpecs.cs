using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Commands;

/// <summary>The verb as its user runs it.</summary>
public sealed class AnomaliesCommandSpecs : IDisposable
{
    private const int Spike = 700;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-anomalies-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_anomalies_of_a_file_are_told_in_one_line_of_JSON()
    {
        var (told, code) = Json(Given("one.csv", Rows("time")));

        Assert.Equal((0, 1_000), (code, told["points"]!.GetValue<int>()));
        var anomaly = Assert.Single(told["anomalies"]!.AsArray(), a => a!["value"]!.GetValue<double>() > 100)!;
        Assert.Equal("2026-03-04T10:20:00Z", anomaly["time"]!.GetValue<string>());
        Assert.InRange(anomaly["score"]!.GetValue<double>(), 0.5, 1);
        Assert.Contains("2026-03-04T10:20:00Z", Run(Path.Combine(_folder, "one.csv")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_benchmark_is_scored_in_one_line_of_JSON()
    {
        GivenBenchmark("""{ "made/one.csv": [["2026-03-04 10:00:00", "2026-03-04 12:00:00"]] }""");

        var (told, code) = Json(_folder);

        Assert.Equal(0, code);
        Assert.Equal(
            ["nab_standard", "nab_low_fp", "nab_low_fn", "series", "points", "us_per_point"],
            told.Select(k => k.Key).Take(6)
        );
        Assert.InRange(told["nab_standard"]!.GetValue<double>(), 50, 100);
        Assert.Equal((1, 1_000), (told["series"]!.GetValue<int>(), told["points"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(
        "timestamp,value\n2026-01-01 00:00:00,1\n2026-01-01 00:05:00,x\n",
        "line 3: value \"x\" must be a number"
    )]
    [InlineData("timestamp,value\nyesterday,1\n", "line 2: timestamp \"yesterday\" must be a time like")]
    [InlineData("time,value\n,1\n", "line 2: time \"\" must be a time like")]
    [InlineData("timestamp,load\n2026-01-01,1\n", "no column \"value\"; it has timestamp, load")]
    [InlineData("when,value\n2026-01-01,1\n", "no column \"timestamp\"; it has when, value")]
    [InlineData("timestamp,value\n", "has no rows")]
    [InlineData("", "is empty")]
    [InlineData("timestamp,value\n2026-01-01 00:00:00\n", "line 2")]
    public void A_file_that_cannot_be_read_is_refused_by_line_and_field(string text, string said) =>
        AssertRefused(Given("bad.csv", text), "bad.csv", said);

    [Fact]
    public void What_is_not_there_is_refused() =>
        AssertRefused(Path.Combine(_folder, "nowhere"), "nowhere", "no such file or folder");

    [Theory]
    [InlineData("{}", "must name made/one.csv")]
    [InlineData("[", "must be windows by series")]
    [InlineData("""{ "made/one.csv": [["2026-03-04 10:00:00"]] }""", "must be windows by series")]
    [InlineData("""{ "made/one.csv": [["2027-01-01", "2027-01-02"]] }""", "must have points of the series in it")]
    public void Labels_that_do_not_fit_are_refused(string labels, string said)
    {
        GivenBenchmark(labels);

        AssertRefused(_folder, "combined_windows.json", said);
    }

    [Fact]
    public void A_folder_of_something_else_is_refused() => AssertRefused(_folder, "data/GROUP/NAME.csv", "laid out as");

    private void AssertRefused(string path, params string[] said)
    {
        var (told, code) = Json(path);

        Assert.Equal(2, code);
        Assert.All(said, s => Assert.Contains(s, told["error"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    private void GivenBenchmark(string labels)
    {
        Given("data/made/one.csv", Rows("timestamp"));
        Given("labels/combined_windows.json", labels);
        Given(
            "config/profiles.json",
            $$"""{ "standard": {{Costs(1, 0.11)}}, "reward_low_FP_rate": {{Costs(1, 0.22)}}, "reward_low_FN_rate": {{Costs(2, 0.11)}} }"""
        );
    }

    private static string Costs(double miss, double falseAlarm) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{ "CostMatrix": { "tpWeight": 1.0, "fnWeight": {{{miss}}}, "fpWeight": {{{falseAlarm}}}, "tnWeight": 1.0 } }"""
        );

    private static string Rows(string time)
    {
        var start = new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc);
        return $"{time},value\n"
            + string.Concat(
                Enumerable
                    .Range(0, 1_000)
                    .Select(row =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{start.AddMinutes(5 * row):yyyy-MM-dd HH:mm:ss},{(row == Spike ? 900 : 50 + Math.Sin(row * 1.7) + Math.Cos(row * 2.9)):R}\n"
                        )
                    )
            );
    }

    private string Given(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static (JsonObject Told, int Code) Json(string path)
    {
        var (output, code) = Run(path, "--json");
        return (
            JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!.AsObject(),
            code
        );
    }

    private static (string Output, int Code) Run(string path, params string[] more)
    {
        var start = new ProcessStartInfo(
            RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host"),
            ["anomalies", "--data", path, .. more]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.Wait();
        return (output, process.ExitCode);
    }
}
