using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Google.Protobuf;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>A design is played before anybody is exposed: by command and over REST, with the same result.</summary>
public sealed class SimulationEndpointSpecs(SharedNode shared) : IAsyncLifetime
{
    private static readonly string[] Keys =
    [
        "false_primary",
        "false_guardrail",
        "false_rollout",
        "coverage",
        "power",
        "median_units",
    ];

    private TestNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await shared.Node();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_job_comes_to_what_the_command_prints()
    {
        var simulate = new Simulate
        {
            Header = new CommandHeader { CommandId = "play-1" },
            SimulationId = "small",
            Design = new SimulationDesign
            {
                Split = { 5, 95 },
                Metric = MetricKind.Count,
                Rates = { .3 },
                Effect = .6,
                Units = 600,
                Runs = 10,
                Seed = 7,
            },
        };
        using (var answer = await Post(simulate))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var reply = await _node.Until<SimulationReply>(
            "/training/ab-testing-simulations/small",
            r => r.Result is not null
        );

        var printed = Run(
            "--split 5:95 --metric count --rate 0.3 --effect 0.6 --units 600 --look-every 50 --method always_valid --runs 10 --seed 7 --json"
        );
        Assert.All(Keys, key => Assert.NotNull(printed[key]));
        Assert.Equal(reply.Result.Power, (double)printed["power"]!);
        Assert.Equal(reply.Result.MedianUnits, (double)printed["median_units"]!);
        Assert.Equal(reply.Result.Coverage, (double)printed["coverage"]!);
    }

    [Fact]
    public async Task A_design_that_cannot_be_played_is_400_with_its_field()
    {
        using var answer = await Post(
            new Simulate
            {
                Header = new CommandHeader { CommandId = "play-2" },
                SimulationId = "bad",
                Design = new SimulationDesign { Units = 1 },
            }
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            "design.units",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    private Task<HttpResponseMessage> Post(Simulate simulate) =>
        _node.Client.PostAsync(
            "/training/ab-testing-simulations",
            new StringContent(JsonFormatter.Default.Format(simulate), new MediaTypeHeaderValue("application/json")),
            TestContext.Current.CancellationToken
        );

    private static JsonNode Run(string flags)
    {
        var host = RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host");
        var start = new ProcessStartInfo(host, ["simulate", .. flags.Split(' ')])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonNode.Parse(output)!;
    }
}
