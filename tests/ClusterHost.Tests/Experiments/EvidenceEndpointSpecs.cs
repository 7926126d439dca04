using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.AbTesting;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>What is sent about a unit is checked, not believed: one node, SQLite, REST.</summary>
public sealed class EvidenceEndpointSpecs(SharedNode shared) : IAsyncLifetime
{
    private readonly string _test = $"evidence-{Guid.NewGuid():N}";
    private TestNode _node = null!;
    private int _commands;

    public async ValueTask InitializeAsync()
    {
        _node = await (await shared.Node()).WithVersions("evidence", "v1", "v2");
        await Accepted(
            "/training/ab-testing",
            $$$"""
            {"experiment_id": "{{{_test}}}", "definition": {"family": "evidence", "metric": "match", "cells": 4,
              "arms": [{"name": "a", "weight": 5000, "version_id": "v1"}, {"name": "b", "weight": 5000, "version_id": "v2"}]}}
            """
        );
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_test_that_nobody_created_is_not_found_and_one_that_has_not_begun_takes_nothing()
    {
        Assert.Equal(
            (HttpStatusCode.NotFound, "experiment_id"),
            await Sent("nobody", "exposures", """{"unit": "ann"}""")
        );
        Assert.Equal(
            (HttpStatusCode.NotFound, "experiment_id"),
            await Sent("nobody", "outcomes", """{"unit": "ann", "metric": "match", "value": 1}""")
        );
        Assert.Equal((HttpStatusCode.Conflict, "experiment_id"), await Sent(_test, "exposures", """{"unit": "ann"}"""));
    }

    [Fact]
    public async Task A_unit_counts_once_in_its_own_arm_and_cell_whatever_a_sender_says()
    {
        await Accepted($"/training/ab-testing/{_test}/start", "{}");
        var unit = new Assignment(
            new RunningExperiment
            {
                Salt = _test,
                Cells = 4,
                Exposure = Assignment.Buckets,
                Arms =
                {
                    new Arm { Name = "a", Weight = 5000 },
                    new Arm { Name = "b", Weight = 5000 },
                },
            }
        ).Assign("ann");
        var (own, other) = unit.Arm == 0 ? ("a", "b") : ("b", "a");

        for (var cell = -1; cell < 16; cell++)
        {
            if (cell != unit.Cell)
            {
                Assert.Equal(
                    (HttpStatusCode.BadRequest, "cell"),
                    await Sent(_test, "exposures", $$"""{"unit": "ann", "cell": {{cell}}}""")
                );
            }
        }

        Assert.Equal(
            (HttpStatusCode.BadRequest, "cell"),
            await Sent(_test, "outcomes", """{"unit": "ann", "cell": 999999, "metric": "match", "value": 1}""")
        );
        Assert.Equal(
            (HttpStatusCode.BadRequest, "arm"),
            await Sent(_test, "exposures", $$"""{"unit": "ann", "arm": "{{other}}"}""")
        );
        Assert.Equal(
            (HttpStatusCode.BadRequest, "phase"),
            await Sent(_test, "exposures", """{"unit": "ann", "phase": 200}""")
        );
        Assert.Equal(
            (HttpStatusCode.BadRequest, "occurred_at"),
            await Sent(_test, "exposures", """{"unit": "ann", "occurred_at": "1971-01-01T00:00:00Z"}""")
        );
        await Accepted(
            $"/training/ab-testing/{_test}/exposures",
            $$"""{"unit": "ann", "arm": "{{own}}", "phase": 1, "cell": {{unit.Cell}}}"""
        );
        await Accepted($"/training/ab-testing/{_test}/outcomes", """{"unit": "ann", "metric": "match", "value": 1}""");

        var counted = await Get($"/training/ab-testing/{_test}/cells/{unit.Cell}");
        var arm = Assert.Single(counted["arms"]!.AsArray())!;
        Assert.Equal((own, "1", "1"), ((string)arm["arm"]!, (string)arm["units"]!, (string)arm["converted"]!));
        using var nowhere = await _node.Client.GetAsync(
            new Uri($"/training/ab-testing/{_test}/cells/999999", UriKind.Relative)
        );
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [Fact]
    public async Task After_the_end_nothing_counts_that_happens_later()
    {
        await Accepted($"/training/ab-testing/{_test}/start", "{}");
        await Accepted($"/training/ab-testing/{_test}/exposures", """{"unit": "ann"}""");
        await Accepted($"/training/ab-testing/{_test}/stop", "{}");

        (HttpStatusCode, string?) after;
        do
        {
            // Whatever a node takes in the moment before it hears of the end happened before it.
            after = await Sent(_test, "exposures", $$"""{"unit": "u-{{_commands}}"}""");
        } while (after.Item1 == HttpStatusCode.OK);

        Assert.Equal((HttpStatusCode.Conflict, "occurred_at"), after);
        await Accepted($"/training/ab-testing/{_test}/archive", "{}");
        do
        {
            after = await Sent(_test, "outcomes", """{"unit": "ann", "metric": "match", "value": 1}""");
        } while (after.Item2 == "occurred_at");

        Assert.Equal((HttpStatusCode.Conflict, "experiment_id"), after);
    }

    [Fact]
    public async Task A_mistyped_test_is_not_served_by_the_champion()
    {
        using var answer = await _node.Client.PostAsJsonAsync(
            new Uri("/training/score", UriKind.Relative),
            JsonNode.Parse(
                """{"request_id": "r", "family": "evidence", "user_id": "ann", "experiment_id": "tt", "candidates": [{"candidate_id": "bo"}]}"""
            )
        );

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.NotFound, "experiment_id"), (answer.StatusCode, (string?)problem["field"]));
    }

    private async Task Accepted(string path, string body)
    {
        var (status, field) = await Answer(path, body);
        Assert.True(status == HttpStatusCode.OK, $"{path} {body}: {status} {field}");
    }

    private Task<(HttpStatusCode Status, string? Field)> Sent(string test, string what, string body) =>
        Answer($"/training/ab-testing/{test}/{what}", body);

    private async Task<(HttpStatusCode Status, string? Field)> Answer(string path, string body)
    {
        var message = JsonNode.Parse(body)!;
        message["header"] = new JsonObject { ["command_id"] = $"c-{_commands++}", ["author"] = "ann" };
        // Right after the start a cell may say "come again".
        var (status, answer) = await _node.SendUntilTaken(path, message.ToJsonString());
        return (status, (string?)JsonNode.Parse(answer)!["field"]);
    }

    private async Task<JsonNode> Get(string path) => JsonNode.Parse(await _node.Text(path))!;
}
