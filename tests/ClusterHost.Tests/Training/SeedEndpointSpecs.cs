using System.Net;
using System.Text;
using System.Text.Json;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>Who responded to a candidate, and why a score is what it is, over REST.</summary>
public sealed class SeedEndpointSpecs(TrainedNode town) : IClassFixture<TrainedNode>
{
    private const string Explain = "/training/scores/explain";

    [Fact]
    public async Task An_audience_holds_whoever_responded_well_and_answers_with_what_is_newer()
    {
        foreach (var (user, label) in new[] { ("ann", 1), ("bob", 0), ("cyd", 1) })
        {
            var like = new RecordInteraction
            {
                CandidateId = "star",
                Label = label,
                User = Numbers(("age", 31)),
            };
            await town.Post<CommandReply>($"/training/users/{user}/interactions", like);
        }

        var all = await Audience("", seeds: 2);
        Assert.Equal(["ann", "cyd"], all.Seeds.Select(s => s.UserId).Order(StringComparer.Ordinal));
        Assert.All(all.Seeds, s => Assert.Equal(31, Assert.Single(s.Features.Items).Number));
        var newer = await town.Get<AudienceReply>("/training/users/star/audience?known_version=1");
        Assert.Equal(
            (all.Seeds.Single(s => s.Version == 2).UserId, 2),
            (Assert.Single(newer.Seeds).UserId, newer.Size)
        );
        Assert.Empty((await town.Get<AudienceReply>("/training/users/nobody/audience")).Seeds);
    }

    [Theory]
    [InlineData("/training/users/a%20b/audience", "user_id", "a b", "must be 1 to 128 characters")]
    [InlineData("/training/users/star/audience?known_version=soon", "known_version", "soon", "must be a whole number")]
    [InlineData("/training/users/star/audience?since=1", "since", "1", "is not a parameter of GetAudience")]
    public async Task A_bad_question_for_an_audience_is_refused(string path, string field, string value, string rule)
    {
        using var answer = await town.Get(path);

        await Refused(answer, HttpStatusCode.BadRequest, field, value, rule);
    }

    [Fact]
    public async Task An_explanation_adds_up_to_the_score()
    {
        await town.Post<CommandReply>(
            $"/training/registry/{TrainedNode.Family}/stages",
            new SetStage
            {
                VersionId = "good",
                Stage = Stage.Champion,
                Reason = "a spec",
            }
        );
        ExplainReply why = new();
        await Eventually.Is(async () =>
        {
            using var answer = await Ask(Request());
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                why = ExplainReply.Parser.ParseJson(await answer.Content.ReadAsStringAsync());
            }

            return answer.StatusCode == HttpStatusCode.OK;
        });

        Assert.Equal("good", why.VersionId);
        Assert.Equal(
            why.LogOdds,
            why.BaseLogOdds + why.Contributions.Sum(c => c.LogOdds) + why.InteractionLogOdds,
            1e-9
        );
        Assert.Contains(why.Contributions, c => c is { Kind: ContributionKind.OfContext, Name: "hour" });
        Assert.Equal(1 / (1 + Math.Exp(-why.LogOdds)), why.Score, 1e-6);
    }

    public static TheoryData<HttpStatusCode, ExplainScore, string, string, string> Bad =>
        new()
        {
            { HttpStatusCode.BadRequest, new ExplainScore(), "score", "", "must be set" },
            { HttpStatusCode.BadRequest, Request(candidates: 2), "score.candidates", "2", "must be 1" },
            { HttpStatusCode.BadRequest, Request(topSeeds: 101), "top_seeds", "101", "must be 0 (the default)" },
            { HttpStatusCode.BadRequest, Request(user: "a b"), "score.user_id", "a b", "must be 1 to 128 characters" },
            { HttpStatusCode.NotFound, Request(family: "moon"), "score.family", "moon", "has no champion" },
        };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_question_for_reasons_is_refused(
        HttpStatusCode status,
        ExplainScore question,
        string field,
        string value,
        string rule
    )
    {
        using var answer = await Ask(question);

        await Refused(answer, status, field, value, rule);
    }

    private static ExplainScore Request(
        string family = TrainedNode.Family,
        string user = "ann",
        int candidates = 1,
        int topSeeds = 0
    )
    {
        var score = new Score
        {
            RequestId = "w-1",
            Family = family,
            UserId = user,
            User = Numbers(("age", 31)),
        };
        score.Candidates.AddRange(
            Enumerable
                .Range(0, candidates)
                .Select(k => new Candidate
                {
                    CandidateId = $"p{k}",
                    Features = Numbers(("age", 29)),
                    Context = Numbers(("hour", 20)),
                })
        );
        return new ExplainScore { Score = score, TopSeeds = topSeeds };
    }

    private static Features Numbers(params (string Name, double Number)[] numbers) =>
        new() { Items = { numbers.Select(n => new Feature { Name = n.Name, Number = n.Number }) } };

    private async Task<HttpResponseMessage> Ask(ExplainScore question)
    {
        using var content = new StringContent(
            Google.Protobuf.JsonFormatter.Default.Format(question),
            Encoding.UTF8,
            "application/json"
        );
        return await town.Node.Client.PostAsync(new Uri(Explain, UriKind.Relative), content);
    }

    private Task<AudienceReply> Audience(string query, int seeds) =>
        town.Node.Until<AudienceReply>($"/training/users/star/audience{query}", a => a.Size >= seeds);

    private static async Task Refused(
        HttpResponseMessage answer,
        HttpStatusCode status,
        string field,
        string value,
        string rule
    )
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, answer.StatusCode);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(
            (field, value),
            (problem.GetProperty("field").GetString(), problem.GetProperty("value").GetString())
        );
        Assert.StartsWith(rule, problem.GetProperty("rule").GetString());
    }
}
