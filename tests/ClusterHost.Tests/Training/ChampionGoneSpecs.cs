using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Health;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>The champion's file is deleted and the node starts again: over REST.</summary>
public sealed class ChampionGoneSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)
    );

    private int _requests;

    private Readiness Readiness => node.Node.Node.Services.GetRequiredService<Readiness>();

    [Fact]
    public async Task The_last_good_one_serves_the_node_says_so_and_the_champion_comes_back_with_its_file()
    {
        await Champion("hasty");
        await Champion("good");
        var family = await node.Get<RegistryReply>($"/training/registry/{TrainedNode.Family}");
        var (good, hasty) = (FileOf(family, "good"), FileOf(family, "hasty"));

        await node.Restart(() => File.Move(good, $"{good}.away"));

        // Known as soon as it is ready, though nobody has asked for a score.
        Assert.Equal(HealthStatus.Degraded, (await Health()).Status);
        Assert.Equal("hasty", (await Score()).VersionId);
        var why = await node.Post<ExplainReply>("/training/scores/explain", new ExplainScore { Score = Request() });
        Assert.Equal("hasty", why.VersionId);
        var health = await Health();
        Assert.Equal(
            (HealthStatus.Degraded, "town: hasty serves in place of good, which cannot be loaded"),
            (health.Status, health.Description)
        );
        Assert.True((await node.Get("/health/ready")).IsSuccessStatusCode);

        File.Move($"{good}.away", good);
        await Eventually.Is(async () => (await Score()).VersionId == "good");
        Assert.Equal(HealthStatus.Healthy, (await Health()).Status);

        await node.Begin(() =>
        {
            File.Delete(good);
            File.WriteAllBytes(hasty, File.ReadAllBytes(hasty)[..^5]);
        });
        await Eventually.Is(async () =>
        {
            using var answer = await node.Get("/health/ready");
            Assert.False(answer.IsSuccessStatusCode, "it was ready before it had looked at its champion");
            return Readiness.EndpointsAreOpen
                && (await Health()).Description == "town: good cannot be loaded, and nothing serves in its place";
        });
        var (status, problem) = await node.Refused("/training/score", Formatter.Format(Request()));

        const string Rule = "has a champion, good, that cannot be loaded, and no earlier one that can";
        Assert.Equal(
            $$"""{"detail":"family \"town\" {{Rule}}","field":"family","rule":"{{Rule}}","status":503,"title":"Not available now","type":"about:blank","value":"town"}""",
            problem
        );
        Assert.Equal(503, status);
        health = await Health();
        Assert.Equal(
            (HealthStatus.Unhealthy, "town: good cannot be loaded, and nothing serves in its place"),
            (health.Status, health.Description)
        );
        await Eventually.Is(async () => (int)(await node.Get("/health/ready")).StatusCode == 503);
        // Scores are not to be had; everything else is.
        var interaction = new RecordInteraction { CandidateId = "p2", Label = 1 };
        var reply = await node.Post<CommandReply>("/training/users/p1/interactions", interaction);
        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
    }

    private async Task Champion(string version) =>
        await node.Post<CommandReply>(
            $"/training/registry/{TrainedNode.Family}/stages",
            new SetStage { VersionId = version, Stage = Stage.Champion }
        );

    private string FileOf(RegistryReply family, string version) =>
        Path.Combine(
            node.Node.Node.Settings.Storage.Models,
            $"{family.Versions.Single(v => v.VersionId == version).Artifact.Hash}.safetensors"
        );

    private Task<ScoreReply> Score() => node.Post<ScoreReply>("/training/score", Request());

    private Score Request() =>
        new()
        {
            RequestId = (++_requests).ToString(CultureInfo.InvariantCulture),
            Family = TrainedNode.Family,
            UserId = "p1",
            User = Person(30, "north"),
            Candidates =
            {
                new Candidate
                {
                    CandidateId = "p2",
                    Features = Person(31, "south"),
                    Context = new Features
                    {
                        Items =
                        {
                            new Feature { Name = "hour", Number = 12 },
                        },
                    },
                },
            },
        };

    private static Features Person(int age, string town) =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Number = age },
                new Feature { Name = "town", Text = town },
            },
        };

    private async Task<HealthReportEntry> Health()
    {
        var checks = node.Node.Node.Services.GetRequiredService<HealthCheckService>();
        return (await checks.CheckHealthAsync(c => c.Name == ChampionHealth.Name)).Entries[ChampionHealth.Name];
    }
}
