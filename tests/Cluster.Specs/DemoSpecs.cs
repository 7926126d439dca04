using System.Diagnostics;
using System.Text.Json;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>The demo as a newcomer runs it, and what its summary promises. In short: its smaller city.</summary>
public sealed class DemoSpecs
{
    [Fact]
    public async Task Everything_sent_is_learned_once_and_the_journal_gives_the_same_weights_again()
    {
        string[] size = Seeds.IsLong ? [] : ["--small"];
        var (code, output) = await Run(["demo", "--json", "--seed", "7", .. size]);

        Assert.Equal(0, code);
        var summary = JsonDocument
            .Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            .RootElement;
        Assert.InRange(Number("samples_sent"), Seeds.IsLong ? 12_000 : 3_200, 52_000);
        Assert.Equal(Number("samples_sent"), Number("samples_accepted"));
        Assert.Equal(Number("samples_sent"), Number("samples_learned"));
        Assert.Equal((0, 0, 0), (Number("samples_pending"), Number("samples_lost"), Number("samples_doubled")));
        Assert.Matches("^[0-9a-f]{64}$", Text("offline_weights_hash"));
        Assert.Matches("^[0-9a-f]{64}$", Text("lineage_weights_hash"));
        Assert.Equal(Text("lineage_weights_hash"), Text("lineage_replayed_hash"));
        Assert.InRange(summary.GetProperty("offline_valid_auc").GetDouble(), 0.85, 1);
        // Seeds gather while the evening goes on, and what was shown of them is learned.
        var (first, later) = (SeedsOf("before_drift"), SeedsOf("after_drift"));
        Assert.True(0 < first && first < later, $"{first} -> {later} seeds");
        Assert.InRange(Number("samples_with_look_alike"), Number("samples_sent") / 10, Number("samples_sent"));

        double SeedsOf(string period) =>
            summary.GetProperty("online").GetProperty(period).GetProperty("seeds").GetDouble();
        int Number(string key) => summary.GetProperty(key).GetInt32();
        string Text(string key) => summary.GetProperty(key).GetString()!;
    }

    private static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        var host = RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host");
        var start = new ProcessStartInfo(host, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
