using System.Diagnostics;
using System.Text.Json.Nodes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Commands;

/// <summary>A program that asks for JSON gets one line of it on standard output, whatever happens.</summary>
public sealed class OneLineOfJsonSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-json-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, "simulate --alpha 0 --json", "--alpha: '0' must be above 0")]
    [InlineData(2, "simulate --rate NaN --json", "--rate: 'NaN' must be 0 to 1")]
    [InlineData(
        2,
        "simulate --definition /nowhere.json --json",
        "--definition /nowhere.json: must be a ExperimentDefinition"
    )]
    [InlineData(2, "simulate --rates 1 --json", "Unrecognized command or argument '--rates'")]
    [InlineData(2, "train --json", "Option '--data' is required")]
    [InlineData(1, "train --data /nowhere --json", "/nowhere: no such file; a description is needed")]
    [InlineData(2, "train --data FOLDER --seed -1 --json", "--seed \"-1\" must be 0 or more")]
    [InlineData(2, "train --data FOLDER --report FOLDER --json", "must be a file for the page; it is a folder")]
    [InlineData(
        2,
        "prepare --data FOLDER --to out --max-bad-rows x --json",
        "'x' for option '--max-bad-rows' must be a whole number"
    )]
    [InlineData(1, "prepare --data FOLDER --to FOLDER --json", "the tables are in it")]
    [InlineData(
        1,
        "prepare --data FOLDER --to FOLDER/out --json",
        "swipes.csv line 3 opens a quote that is never closed"
    )]
    [InlineData(1, "describe --data FOLDER/nowhere --json", "no such folder")]
    [InlineData(2, "replay --json", "--lineage or --policy must be set, and not both")]
    [InlineData(2, "replay --policy v-1 --json", "--policy \"v-1\" must be version:ID or lineage:ID")]
    [InlineData(2, "replay --policy lineage:a --cap 0 --json", "--cap \"0\" must be a number above 0")]
    [InlineData(1, "replay --policy lineage:a --data FOLDER --json", "there is no database")]
    public void A_command_that_fails_says_why_in_one_line(int code, string command, string said)
    {
        File.WriteAllText(Path.Combine(_folder, "users.csv"), "id,age\na,1\nb,2\n");
        File.WriteAllText(Path.Combine(_folder, "swipes.csv"), "who,whom,liked\na,b,1\nb,\"a,0\na,b,0\n");
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            """{"name":"t","users":{"file":"users.csv","key":"id"},"interactions":{"file":"swipes.csv","user":"who","candidate":"whom","label":"liked"}}"""
        );

        var (output, ended) = Run(command.Replace("FOLDER", _folder, StringComparison.Ordinal).Split(' '));

        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(said, JsonNode.Parse(line)!["error"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(code, ended);
    }

    [Fact]
    public void A_command_that_succeeds_says_its_result_in_one_line()
    {
        File.WriteAllLines(
            Path.Combine(_folder, "people.csv"),
            ["id,age", .. Enumerable.Range(0, 20).Select(p => $"p{p},{p}")]
        );
        File.WriteAllLines(
            Path.Combine(_folder, "swipes.csv"),
            ["who,whom,liked", .. Enumerable.Range(0, 200).Select(r => $"p{r % 20},p{(r + 1 + (r / 20)) % 20},{r % 2}")]
        );

        var (output, ended) = Run("describe", "--data", _folder, "--json");

        var described = JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!;
        Assert.Equal(("people.csv", 0), (described["description"]!["users"]!["file"]!.GetValue<string>(), ended));
        File.WriteAllText(Path.Combine(_folder, "dataset.json"), described["description"]!.ToJsonString());
        Assert.Equal(
            200,
            Line("prepare", "--data", _folder, "--to", Path.Combine(_folder, "out"), "--json")["rows"]!.GetValue<int>()
        );
        string[] train = ["train", "--data", _folder, "--model", "LogisticRegression", "--epochs", "1", "--json"];
        Assert.InRange(Line(train)["test_rows"]!.GetValue<int>(), 1, 200);
    }

    private static JsonNode Line(params string[] arguments)
    {
        var (output, code) = Run(arguments);

        Assert.Equal(0, code);
        return JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!;
    }

    private static (string Output, int Code) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host"),
            arguments
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
