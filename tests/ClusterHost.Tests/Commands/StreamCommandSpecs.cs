using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Commands;

/// <summary>The verb as its user runs it.</summary>
public sealed class StreamCommandSpecs : IDisposable
{
    private const int Flip = 4_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-stream-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_stream_that_flips_is_told_in_one_line_of_JSON()
    {
        Given(Enumerable.Range(0, 8_000));

        var (output, code) = Run("--json");

        Assert.Equal(0, code);
        var told = JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!.AsObject();
        Assert.Equal(
            ["rows", "accuracy", "auc", "log_loss", "frozen_accuracy", "frozen_auc", "alarms", "reactions"],
            told.Select(k => k.Key).Take(8)
        );
        Assert.Equal((8_000, 800), (told["rows"]!.GetValue<int>(), told["first_rows"]!.GetValue<int>()));
        Assert.InRange(told["accuracy"]!.GetValue<double>(), 0.9, 1);
        Assert.InRange(told["auc"]!.GetValue<double>(), 0.9, 1);
        Assert.InRange(told["log_loss"]!.GetValue<double>(), 0, 0.3);
        Assert.InRange(told["frozen_accuracy"]!.GetValue<double>(), 0.3, 0.6);
        Assert.InRange(told["frozen_auc"]!.GetValue<double>(), 0.3, 0.6);
        Assert.InRange(told["alarms"]!.GetValue<int>(), 1, 3);
        Assert.InRange(told["alarm_rows"]![0]!.GetValue<int>(), Flip, Flip + 300);
        Assert.InRange(told["reactions"]!.GetValue<int>(), 0, told["alarms"]!.GetValue<int>());
    }

    [Fact]
    public void A_person_is_told_what_was_found_out()
    {
        Given(Enumerable.Range(0, 1_000));

        var (output, code) = Run();

        Assert.Equal(0, code);
        Assert.Contains("town category", output, StringComparison.Ordinal);
        Assert.Contains("made: 1,000 rows", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_is_too_short_is_refused()
    {
        Given(Enumerable.Range(0, 200));

        var (output, code) = Run("--json");

        Assert.Equal(1, code);
        Assert.Equal(
            "made: has 200 rows; must be more than 200, to which the base is fitted",
            JsonNode.Parse(output)!["error"]!.GetValue<string>()
        );
    }

    private void Given(IEnumerable<int> rows)
    {
        File.WriteAllLines(Path.Combine(_folder, "rows.csv"), ["a,b,town,bought", .. rows.Select(Row)]);
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            """{ "name": "made", "rows": { "file": "rows.csv", "label": "bought" } }"""
        );
    }

    private static string Row(int at)
    {
        // Two sequences that repeat nothing for long.
        var (a, b) = (Math.Sin(at * 1.7), Math.Cos(at * 2.9));
        var isPositive = a + b > 0 ^ at >= Flip;
        return string.Create(CultureInfo.InvariantCulture, $"{a:R},{b:R},t{at % 3},{(isPositive ? 1 : 0)}");
    }

    private (string Output, int Code) Run(params string[] more)
    {
        var start = new ProcessStartInfo(
            RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host"),
            ["stream", "--data", _folder, .. more]
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
