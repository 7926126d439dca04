using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>What a sender hears who repeats a command, or means another one by its id: one node, SQLite, REST.</summary>
public sealed class RepetitionSpecs(SharedNode shared) : IAsyncLifetime
{
    private const string Interactions = "/training/users/ann/interactions";

    private TestNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await shared.Node();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_interaction_after_thousands_of_other_commands_and_a_restart_is_a_duplicate()
    {
        const string Like = """{"header":{"command_id":"like-1"},"candidate_id":"bo","label":1}""";
        var folder = Directory.CreateTempSubdirectory("ralm-repeat-").FullName;
        _node = await (await TestNode.Start(folder: folder)).Ready();
        await Post(Interactions, Like);
        foreach (var some in Enumerable.Range(0, Seeds.IsLong ? 10_000 : 2_000).Chunk(500))
        {
            await Task.WhenAll(some.Select(i => Post("/training/users/ann/profile", Profile(i))));
        }

        var live = await Post(Interactions, Like);
        await _node.DisposeAsync();
        _node = await (await TestNode.Start(folder: folder)).Ready();
        // It recovers from thousands of events first, and says to come again where that takes long.
        var (status, body) = await _node.SendUntilTaken(Interactions, Like);
        var restarted = (status, JsonNode.Parse(body)!.ToJsonString());
        await _node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);

        Assert.Equal(
            (
                HttpStatusCode.OK,
                """{"command_id":"like-1","outcome":"DUPLICATE","sequence_nr":"1","note":"NO_LINEAGE"}"""
            ),
            live
        );
        Assert.Equal(live, restarted);
    }

    [Fact]
    public async Task Another_body_under_an_accepted_id_is_refused_with_what_differs()
    {
        await Post(Interactions, """{"header":{"command_id":"like-2"},"candidate_id":"bo","label":1}""");

        var other = await Post(Interactions, """{"header":{"command_id":"like-2"},"candidate_id":"cy","label":0}""");

        Assert.Equal(
            (
                HttpStatusCode.Conflict,
                """{"detail":"header.command_id \u0022like-2\u0022 was accepted before with another body: candidate_id, label differ","field":"header.command_id","rule":"was accepted before with another body: candidate_id, label differ","status":409,"title":"Not allowed in this state","type":"about:blank","value":"like-2"}"""
            ),
            other
        );
    }

    [Theory]
    [InlineData("""{"header":{"command_id":"c"},"candidate_id":"bo"}""", "label", "", "must be set, 0 to 1")]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":null}""",
        "label",
        "",
        "must be set, 0 to 1"
    )]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":"NaN"}""",
        "label",
        "NaN",
        "must be set, 0 to 1"
    )]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":0,"context":{"items":[{"name":"here","position":{"latitude":52.5,"longitude":null}}]}}""",
        "context.here.longitude",
        "",
        "must be set"
    )]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":0,"context":{"items":[{"name":"km","number":null}]}}""",
        "context.km",
        "",
        "must have a value"
    )]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":0,"occurred_at":"2099-01-01T00:00:00Z"}""",
        "occurred_at",
        "2099-01-01T00:00:00Z",
        "must be from 1970 on and at most 5 minutes ahead"
    )]
    [InlineData(
        """{"header":{"command_id":"c"},"candidate_id":"bo","label":0,"occurred_at":"1969-12-31T23:59:59Z"}""",
        "occurred_at",
        "1969-12-31T23:59:59Z",
        "must be from 1970 on and at most 5 minutes ahead"
    )]
    [InlineData(
        """{"header":{"command_id":"c","sent_at":"2020-01-01T00:00:00Z"},"candidate_id":"bo","label":0}""",
        "header.sent_at",
        "2020-01-01T00:00:00Z",
        "must be less than 168 hours ago, for so long repetitions are recognised; what is still meant is a new command"
    )]
    [InlineData(
        """{"header":{"command_id":"c","as_sent":{"body":"1"}},"candidate_id":"bo","label":0}""",
        "header.as_sent",
        "",
        "must be left out"
    )]
    public async Task What_is_left_out_or_out_of_time_is_named(string body, string field, string value, string rule)
    {
        var (status, answer) = await Post(Interactions, body);
        var problem = JsonDocument.Parse(answer).RootElement;

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            (field, value, rule),
            (
                problem.GetProperty("field").GetString(),
                problem.GetProperty("value").GetString(),
                problem.GetProperty("rule").GetString()
            )
        );
    }

    [Fact]
    public async Task A_rule_without_a_threshold_and_a_point_without_a_value_are_refused_by_name()
    {
        var rule = await Post(
            "/training/monitor/node:a/rules",
            """{"header":{"command_id":"r"},"rules":[{"rule_id":"hot","metric":"cpu","comparison":"ABOVE","severity":"WARNING"}]}"""
        );
        var point = await Post(
            "/training/monitor/node:a/samples",
            """{"header":{"command_id":"s"},"at":"2026-01-01T00:00:00Z","points":[{"name":"cpu"}]}"""
        );

        Assert.Contains(
            "\"field\":\"rules[0].threshold\",\"rule\":\"must be set\"",
            rule.Body,
            StringComparison.Ordinal
        );
        Assert.Contains("\"field\":\"points[0].value\",\"rule\":\"must be set\"", point.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_long_repetitions_are_recognised_is_one_setting_for_all_regions()
    {
        await using var node = await (
            await TestNode.Start(new() { ["RALM__PERSISTENCE__REMEMBER_COMMANDS"] = "1" })
        ).Ready();
        var sent = TimeProvider.System.GetUtcNow().AddHours(-2).ToString("O");
        var late = $$"""{"header":{"command_id":"c","sent_at":"{{sent}}"},""";
        (string Path, string Body)[] commands =
        [
            ("/training/users/ann/profile", """ "profile":{}} """),
            ("/training/runs", """ "run_id":"r"} """),
            ("/training/studies", """ "study_id":"s"} """),
            ("/training/registry/city/versions", """ "version_id":"v"} """),
            ("/training/lineages", """ "lineage_id":"l"} """),
            ("/training/ab-testing", """ "experiment_id":"t"} """),
            ("/training/monitor/node:a/rules", """ "rules":[]} """),
        ];

        foreach (var (path, body) in commands)
        {
            var (status, answer) = await Post(path, late + body, node);
            Assert.Equal((path, HttpStatusCode.BadRequest), (path, status));
            Assert.Contains("header.sent_at", answer, StringComparison.Ordinal);
            Assert.Contains("must be less than 1 hours ago", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_node_adds_to_a_command_is_not_compared()
    {
        var open = new OpenLineage
        {
            Header = new CommandHeader { CommandId = "c" },
            LineageId = "l",
        };
        var sent = CommandDigest.Of(open);

        OnlineDefaults.Fill(open, RalmSettings.Read(WrittenSettings.From(new Dictionary<string, string>())));

        Assert.NotEqual(sent, CommandDigest.Of(open));
        Assert.Equal(sent, open.Header.AsSent);
    }

    private static string Profile(int i) =>
        $$"""{"header":{"command_id":"profile-{{i}}"},"profile":{"items":[{"name":"age","number":{{i}} }] } }""";

    private async Task<(HttpStatusCode Status, string Body)> Post(string path, string json, TestNode? other = null)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await (other ?? _node).Client.PostAsync(new Uri(path, UriKind.Relative), content);
        var body = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, JsonNode.Parse(body)!.ToJsonString());
    }
}
