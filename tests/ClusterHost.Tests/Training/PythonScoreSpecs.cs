using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>A model file needs none of our code: a script of the documentation scores with it as the node does.</summary>
public sealed class PythonScoreSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)
    );

    [Fact]
    public async Task The_example_script_scores_a_stored_model_as_the_node_does()
    {
        await node.Post<CommandReply>(
            "/training/registry/town/stages",
            new SetStage { VersionId = "good", Stage = Stage.Champion }
        );
        var request = Request();
        var served = await Served(request);
        var file = Path.Combine(node.Node.Node.Settings.Storage.Models, $"{served.ArtifactHash}.safetensors");
        var asked = Path.GetTempFileName();
        await File.WriteAllTextAsync(asked, Formatter.Format(request));

        var printed = await Python(RepositoryFiles.PathOf("docs", "examples", "score.py"), file, asked);

        File.Delete(asked);
        var scores = printed
            .Split('\n')
            .Select(line => line.Split(' '))
            .ToDictionary(
                part => part[0],
                part => double.Parse(part[1], CultureInfo.InvariantCulture),
                StringComparer.Ordinal
            );
        Assert.Equal(20, scores.Count);
        Assert.All(served.Scores, s => Assert.Equal(s.Score, scores[s.CandidateId], 1e-6));
        Assert.True(served.Scores.Max(s => s.Score) - served.Scores.Min(s => s.Score) > 0.05);
    }

    /// <summary>The scorer loads a family when it is first asked for.</summary>
    private async Task<ScoreReply> Served(Score request)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                return await node.Post<ScoreReply>("/training/score", request);
            }
            catch (Xunit.Sdk.XunitException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    /// <summary>Every kind of value, some unknown, some missing.</summary>
    private static Score Request()
    {
        var request = new Score
        {
            RequestId = "r-1",
            Family = TrainedNode.Family,
            UserId = "ann",
            User = new Features { Items = { Number("age", 31), Text("town", "north") } },
        };
        for (var k = 0; k < 20; k++)
        {
            var features = new Features();
            if (k % 5 != 0)
            {
                features.Items.Add(Number("age", 18 + (2 * k)));
            }

            features.Items.Add(Text("town", k % 4 == 3 ? "nowhere" : ((string[])["north", "south", "east"])[k % 3]));
            request.Candidates.Add(
                new Candidate
                {
                    CandidateId = $"c-{k}",
                    Features = features,
                    Context = new Features { Items = { Number("hour", k) } },
                }
            );
        }

        return request;
    }

    private static Feature Number(string name, double value) => new() { Name = name, Number = value };

    private static Feature Text(string name, string value) => new() { Name = name, Text = value };

    private static async Task<string> Python(params string[] arguments)
    {
        try
        {
            using var python = Process.Start(
                new ProcessStartInfo("python3", arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
            await python.WaitForExitAsync();
            Assert.True(python.ExitCode == 0, await errors);
            return (await output).TrimEnd();
        }
        catch (Win32Exception)
        {
            MissingServer.Report("no python3: install it to hold docs/examples/score.py against the node's scores");
            throw;
        }
    }
}
