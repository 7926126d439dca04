using System.Net;
using Google.Protobuf;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Tests that want overlapping parts of one layer begin at the same moment, in a process that is killed while they do:
/// whoever has begun afterwards is one, and has its range; whoever has not, has nothing.
/// </summary>
public sealed class SharedUnitsKillSpecs(ITestOutputHelper output) : IDisposable
{
    private const int Tests = 8;
    private static readonly int Rounds = Seeds.IsLong ? 12 : 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-units-").FullName;

    private string Models => Path.Combine(_folder, "models");

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Of_overlapping_tests_that_begin_at_the_same_moment_one_does_whatever_is_killed()
    {
        await using var host = new HostProcess(
            Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["RALM__STORAGE__MODELS"] = Models }
        );
        await host.Start();
        await Register(host);
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            await Create(host, round);
            using var client = host.Client();
            var starts = Enumerable.Range(0, Tests).Select(n => Start(client, round, n)).ToArray();
            // The last one is let through; the others are killed at any moment, or when the first has its answer.
            if (round < Rounds - 1)
            {
                await (round % 2 == 0 ? Task.Delay(random.Next(1000)) : Task.WhenAny(starts));
                await host.KillNine();
                await host.Start();
            }

            var answers = await Task.WhenAll(starts);
            await IsShared(host, round, answers);
        }
    }

    private async Task IsShared(HostProcess host, int round, HttpStatusCode?[] answers)
    {
        var running = new List<string>();
        for (var n = 0; n < Tests; n++)
        {
            var test = await host.Get<ExperimentReply>($"/training/ab-testing/{Id(round, n)}");
            if (test.Status == ExperimentStatus.Running)
            {
                running.Add(test.ExperimentId);
                Assert.Equal(1000, test.Holdout);
            }

            // What was said to have begun has.
            Assert.True(answers[n] != HttpStatusCode.OK || test.Status == ExperimentStatus.Running, test.ExperimentId);
        }

        Assert.InRange(running.Count, 0, 1);
        Assert.True(running.Count == 1 || answers.Contains(null), "all were answered, and none has begun");
        LayerReply? layer = null;
        await Eventually.Is(async () =>
        {
            layer = await host.Get<LayerReply>("/training/ab-testing-layers/city/l");
            return layer.Claims.Select(c => c.ExperimentId).SequenceEqual(running);
        });
        output.WriteLine(
            $"round {round}: {string.Join(", ", answers.Select(a => a is { } s ? $"{(int)s}" : "none"))}; {layer!.Claims} runs"
        );
        if (running.Count == 0)
        {
            await host.Accepted(
                $"/training/ab-testing/{Id(round, 0)}/start",
                new StartExperiment { Header = Header("again") }
            );
            running.Add(Id(round, 0));
        }

        await host.Accepted($"/training/ab-testing/{running[0]}/stop", new StopExperiment { Header = Header("stop") });
        await Eventually.Is(async () =>
            (await host.Get<LayerReply>("/training/ab-testing-layers/city/l")).Claims.Count == 0
        );
    }

    private async Task Register(HostProcess host)
    {
        foreach (var version in new[] { "v1", "v2" })
        {
            var register = new RegisterVersion
            {
                Header = Header($"register-{version}"),
                VersionId = version,
                Artifact = SmallModel.Write(Models, version),
            };
            await host.Accepted("/training/registry/city/versions", register);
        }
    }

    private static async Task Create(HostProcess host, int round)
    {
        for (var n = 0; n < Tests; n++)
        {
            var create = new CreateExperiment
            {
                Header = Header($"create-{Id(round, n)}"),
                ExperimentId = Id(round, n),
                Definition = new ExperimentDefinition
                {
                    Family = "city",
                    Cells = 1,
                    Metrics = { new RalmActors.Messages.AbTesting.Metric { Name = "match" } },
                    // Only some say it, and all of them keep to it.
                    Holdout = n % 2 == 0 || round == 0 ? 1000 : 0,
                    Layer = new Layer
                    {
                        Name = "l",
                        From = 100 * n,
                        To = 6000 + (100 * n),
                    },
                    Arms = { Arm("a", "v1"), Arm("b", "v2") },
                },
            };
            await host.Accepted("/training/ab-testing", create);
        }
    }

    /// <summary>Once; no status: nobody answered, or that it is not known.</summary>
    private static async Task<HttpStatusCode?> Start(HttpClient client, int round, int n)
    {
        try
        {
            using var content = new StringContent(
                JsonFormatter.Default.Format(new StartExperiment { Header = Header("start") }),
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")
            );
            using var answer = await client.PostAsync(
                new Uri($"/training/ab-testing/{Id(round, n)}/start", UriKind.Relative),
                content
            );
            return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict ? answer.StatusCode : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private static string Id(int round, int n) => $"t-{round}-{n}";

    private static Arm Arm(string name, string version) =>
        new()
        {
            Name = name,
            Weight = Assignment.Buckets / 2,
            VersionId = version,
        };

    private static CommandHeader Header(string id) => new() { CommandId = id };
}
