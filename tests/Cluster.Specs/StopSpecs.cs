using System.Diagnostics;
using RalmActors.Cluster.Specs.Support;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// SIGTERM at whatever moment ends a node soon, and with 0: it was asked to. The bound that the product keeps on a machine
/// of its own is 5 s; here it shares one, so what is held against a limit is that the node never takes the long way.
/// </summary>
public sealed class StopSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private static readonly double[] Moments = Seeds.IsLong
        ? [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 8]
        : [0, 0.5, 1.5, 3];

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task At_any_moment_of_its_start_a_node_that_is_told_to_stop_ends_with_0()
    {
        foreach (var moment in Moments)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, $"at-{moment}")).FullName;
            await using var node = new HostRun(folder, ["up"]);
            await node.Began();
            await Task.Delay(TimeSpan.FromSeconds(moment));
            await Stops(node, $"{moment} s after its start");
        }
    }

    [Fact]
    public async Task A_ready_node_ends_with_0_also_when_it_is_told_twice()
    {
        await using var node = await new HostRun(_folder, ["up"]).UntilReady();
        await node.Signal("TERM");
        await Stops(node, "ready, told twice");
    }

    [Fact]
    public async Task A_node_whose_seed_never_answers_ends_with_0()
    {
        await using var node = new HostRun(
            _folder,
            ["up"],
            new Dictionary<string, string>
            {
                ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
                ["RALM__PERSISTENCE__CONNECTION_STRING"] = await postgres.NewDatabase(),
                ["RALM__NODE__PORT"] = $"{LocalServer.FreePort()}",
                ["RALM__NODE__SEEDS"] = $"127.0.0.1:{LocalServer.FreePort()}",
            }
        );
        await Eventually.Is(async () => (await node.Ready()).Status == 503);
        await Stops(node, "its seed never answers");
    }

    private async Task Stops(HostRun node, string when)
    {
        var watch = Stopwatch.StartNew();
        await node.Signal("TERM");
        var (code, errors) = await node.Ended();
        output.WriteLine($"{when}: ended with {code} after {watch.Elapsed.TotalSeconds:F1} s");
        Assert.True(code == 0, $"{when}: ended with {code}: {errors}");
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
