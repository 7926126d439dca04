using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Calibration;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>A model file needs none of our code: a script of the documentation scores with it as the node does.</summary>
public sealed class PythonScoreSpecs(EveryKindNode node) : IClassFixture<EveryKindNode>
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)
    );

    private ArtifactStore Store => new(node.Node.Node.Settings.Storage.Models);

    [Theory]
    [InlineData("LogisticRegression", "isotonic")]
    [InlineData("TwoTowerMha", "platt")]
    [InlineData("MeanPooledSeeds", "none")]
    [InlineData("Ralm", "isotonic")]
    [InlineData(EveryKindNode.Things, "none")]
    public async Task The_example_script_scores_a_stored_model_as_the_node_does(string family, string calibration)
    {
        var candidates = family == EveryKindNode.Things ? "t" : "p";
        var request = Request(family, candidates, 12);
        var audiences = await Audiences(request);
        var served = await Served(request, audiences);
        var card = Store.Load(served.ArtifactHash).Card;

        var scores = await Scores(served.ArtifactHash, request, audiences);

        Assert.Equal(calibration, card.Calibration.Method);
        Assert.Equal(served.Scores.Select(s => s.CandidateId), scores.Keys);
        Assert.All(served.Scores, s => Assert.Equal(s.Score, scores[s.CandidateId], 1e-6));
        var spread = served.Scores.Max(s => s.Score) - served.Scores.Min(s => s.Score);
        Assert.True(spread > 0.02, $"{spread}");
        if (card.Model.Model is "Ralm" or "MeanPooledSeeds")
        {
            // More seeds than clusters, fewer, the user among them, and none.
            Assert.Equal([10, 3, 2, 0], served.Scores.Take(4).Select(s => s.Seeds - served.Scores[3].Seeds));
            var without = await Scores(served.ArtifactHash, request, []);
            Assert.Contains(scores, s => Math.Abs(s.Value - without[s.Key]) > 1e-3);
        }
    }

    /// <summary>On points of a curve, between them and beyond its ends.</summary>
    [Fact]
    public async Task The_script_calibrates_any_score_as_the_node_does()
    {
        var request = Request("LogisticRegression", "p", 12);
        var artifact = Store.Load((await Served(request, [])).ArtifactHash);
        ModelArtifact With(ScoreCalibration calibration) =>
            artifact with
            {
                Card = artifact.Card with { Calibration = calibration },
            };
        var own = (await Scores(With(ScoreCalibration.None), request)).ToDictionary(
            s => s.Key,
            s => Math.Log(s.Value / (1 - s.Value)),
            StringComparer.Ordinal
        );
        double[] rising = [.. own.Values.Order()];
        ScoreCalibration[] calibrations =
        [
            new(7),
            new(0.2, new PlattScaling(0.4, -1)),
            new(1, new IsotonicCurve([rising[2], rising[5], rising[8]], [-2, 0.5, 1])),
        ];

        foreach (var calibration in calibrations)
        {
            var told = await Scores(With(calibration), request);

            Assert.All(told, s => Assert.Equal(calibration.Probability(own[s.Key]), s.Value, 1e-9));
        }
    }

    [Theory]
    [InlineData("\"kind\":\"hashed\"", "\"kind\":\"sparse\"", "job is a sparse")]
    [InlineData("\"kind\":\"similarity\"", "\"kind\":\"rivalry\"", "pair ages is a rivalry")]
    [InlineData("\"scaling\":\"min_max\"", "\"scaling\":\"log\"", "income has scaling log")]
    [InlineData("\"version\":1", "\"version\":2", "schema version 2 is not 1")]
    public async Task What_the_script_does_not_know_it_refuses_by_name(string known, string unknown, string said)
    {
        var request = Request("LogisticRegression", "p", 2);
        var hash = (await Served(request, [])).ArtifactHash;
        var artifact = Store.Load(hash);
        var other = artifact with
        {
            Card = artifact.Card with
            {
                SchemaJson = artifact.Card.SchemaJson.Replace(known, unknown, StringComparison.Ordinal),
            },
        };

        Assert.Contains(said, await Refused(other, request));
    }

    [Fact]
    public async Task A_model_or_a_request_that_it_cannot_score_is_refused_by_name()
    {
        var request = Request("LogisticRegression", "p", 2);
        var artifact = Store.Load((await Served(request, [])).ArtifactHash);
        var model = artifact.Card.Model.Clone();
        model.Model = "Oracle";

        Assert.Contains(
            "model Oracle",
            await Refused(artifact with { Card = artifact.Card with { Model = model } }, request)
        );
        request.Candidates[1].Features.Items[0].Text = "a word";
        Assert.Contains("feature \"age\" is a text, the schema has a number", await Refused(artifact, request));
        request.User = null;
        Assert.Contains(
            "user has no features: the node would take the stored profile",
            await Refused(artifact, request)
        );
    }

    /// <summary>Seeds of the first three candidates, and of the user, who is one of the third's.</summary>
    private async Task<List<AudienceReply>> Audiences(Score request)
    {
        var seeds = new List<(string Candidate, int From, int Count)>
        {
            (request.Candidates[0].CandidateId, 100, 10),
            (request.Candidates[1].CandidateId, 120, 3),
            (request.Candidates[2].CandidateId, 130, 2),
            (request.UserId, 140, 6),
        };
        foreach (var (candidate, from, count) in seeds)
        {
            for (var k = from; k < from + count; k++)
            {
                await Like($"fan-{k}", candidate, EveryKindNode.Person(k));
            }
        }

        await Like(request.UserId, request.Candidates[2].CandidateId, request.User);
        await Like(
            "fan-150",
            request.UserId,
            new Features
            {
                Items =
                {
                    new Feature { Name = "age", Text = "unread" },
                },
            }
        );
        var audiences = new List<AudienceReply>();
        foreach (var (candidate, _, count) in seeds)
        {
            var size = count + (candidate == request.UserId || candidate == request.Candidates[2].CandidateId ? 1 : 0);
            var path = $"/training/users/{candidate}/audience";
            audiences.Add(await node.Node.Until<AudienceReply>(path, a => a.Seeds.Count >= size));
        }

        return audiences;
    }

    private async Task Like(string user, string candidate, Features features) =>
        await node.Post<CommandReply>(
            $"/training/users/{user}/interactions",
            new RecordInteraction
            {
                CandidateId = candidate,
                Label = 1,
                User = features,
            }
        );

    /// <summary>Once the node knows the family and, where the model asks for them, all seeds.</summary>
    private async Task<ScoreReply> Served(Score request, List<AudienceReply> audiences)
    {
        var seeded = request.Family is "MeanPooledSeeds" or "Ralm" or EveryKindNode.Things;
        var first = audiences.Count == 0 || !seeded ? 0 : 10 + (request.Family == EveryKindNode.Things ? 0 : 6);
        ScoreReply reply = new();
        var asked = 0;
        await Eventually.Is(async () =>
        {
            request.RequestId = $"r-{asked++}";
            var (status, body) = await node.Node.Send("/training/score", JsonFormatter.Default.Format(request));
            // The scorer loads a family when it is first asked for.
            if (status != HttpStatusCode.OK)
            {
                return false;
            }

            reply = ScoreReply.Parser.ParseJson(body);
            return reply.Scores[0].Seeds == first
                && reply.Scores.Skip(1).Take(2).Sum(s => s.Seeds) == SeedsOfTwo(first);
        });
        return reply;
    }

    private static int SeedsOfTwo(int first) => first == 0 ? 0 : 5 + (2 * (first - 10));

    /// <summary>Every kind of value, some unknown, some missing.</summary>
    private static Score Request(string family, string candidates, int count) =>
        new()
        {
            Family = family,
            UserId = $"ann-{family}",
            User = EveryKindNode.Person(1, complete: true),
            Candidates =
            {
                Enumerable
                    .Range(0, count)
                    .Select(k => new Candidate
                    {
                        // Nobody the training data knew: all their seeds are those of the spec.
                        CandidateId = candidates == "t" ? $"new-{k}" : $"{family}-{k}",
                        Features = candidates == "t" ? null : EveryKindNode.Person(60 + (k * 5)),
                        Context = candidates == "t" ? null : EveryKindNode.Context(k),
                    }),
            },
        };

    private async Task<Dictionary<string, double>> Scores(string hash, Score request, List<AudienceReply> audiences)
    {
        var (exit, printed, errors) = await Python(Store.PathOf(hash), request, audiences);
        Assert.True(exit == 0, errors);
        return printed
            .Split('\n')
            .Select(line => line.Split(' '))
            .ToDictionary(
                part => part[0],
                part => double.Parse(part[1], CultureInfo.InvariantCulture),
                StringComparer.Ordinal
            );
    }

    private async Task<Dictionary<string, double>> Scores(ModelArtifact artifact, Score request) =>
        await Scores(Store.Save(artifact).Hash, request, []);

    private async Task<string> Refused(ModelArtifact artifact, Score request)
    {
        var (exit, _, errors) = await Python(Store.PathOf(Store.Save(artifact).Hash), request, []);
        Assert.Equal(1, exit);
        return errors;
    }

    private static async Task<(int Exit, string Printed, string Errors)> Python(
        string model,
        Score request,
        List<AudienceReply> audiences
    )
    {
        var asked = JsonNode.Parse(Formatter.Format(request))!;
        asked["audiences"] = new JsonArray([.. audiences.Select(a => JsonNode.Parse(JsonFormatter.Default.Format(a)))]);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, asked.ToJsonString());
        try
        {
            using var python = Process.Start(
                new ProcessStartInfo("python3", [RepositoryFiles.PathOf("docs", "examples", "score.py"), model, file])
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
            await python.WaitForExitAsync();
            return (python.ExitCode, (await output).TrimEnd(), await errors);
        }
        catch (Win32Exception)
        {
            MissingServer.Report("no python3: install it to hold docs/examples/score.py against the node's scores");
            throw;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
