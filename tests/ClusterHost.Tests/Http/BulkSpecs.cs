using System.Net;
using System.Text;
using System.Text.Json;
using RalmActors.ClusterHost.Http;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>Many messages in one request, each with its own answer.</summary>
public sealed class BulkSpecs(HttpNode node) : IClassFixture<HttpNode>
{
    private const string Path = "/training/interactions";

    [Fact]
    public async Task Each_line_is_answered_in_order_and_a_bad_one_keeps_no_other_from_being_taken()
    {
        var lines = $$"""
            {{Row("a", "u-1")}}

            {"header":{"command_id":"b"},"user_id":"u-1","label":"high"}
            not json
            {{Row("c", "u-2")}}
            """;

        var answers = await Lines(lines);

        Assert.Equal([200, 400, 400, 200], answers.Select(a => a.GetProperty("status").GetInt32()));
        Assert.Equal([1, 2, 3, 4], answers.Select(a => a.GetProperty("row").GetInt32()));
        Assert.Equal(["a", "c"], new[] { answers[0], answers[3] }.Select(a => a.GetProperty("command_id").GetString()));
        Assert.Equal("label", answers[1].GetProperty("field").GetString());
    }

    [Fact]
    public async Task An_array_is_answered_by_an_array()
    {
        var (status, body) = await Post($"[{Row("a", "u-1")},{{}},7]", "application/json");

        Assert.Equal(HttpStatusCode.OK, status);
        var answers = JsonDocument.Parse(body).RootElement.EnumerateArray().ToArray();
        Assert.Equal([200, 400, 400], answers.Select(a => a.GetProperty("status").GetInt32()));
        Assert.Equal("header.command_id", answers[1].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Nothing_is_answered_by_nothing()
    {
        Assert.Empty(await Lines("\n\n"));
        Assert.Equal("[]", (await Post("[]", "application/json")).Body);
    }

    [Theory]
    [InlineData("{}", "application/json")]
    [InlineData("[1", "application/json")]
    [InlineData("[]", "text/plain")]
    public async Task What_is_no_bulk_is_refused_as_one(string body, string type) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(body, type)).Status);

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_alone()
    {
        var answers = await Lines($"{Row("a", "u-1")}\n{new string('x', 3 * BulkRows.MaxRowBytes)}\n{Row("b", "u-1")}");

        Assert.Equal([200, 400, 200], answers.Select(a => a.GetProperty("status").GetInt32()));
        Assert.Contains("65,536 bytes", answers[1].GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    /// <summary>More than a body of one message may have, and more than are asked at once.</summary>
    [Fact]
    public async Task Ten_thousand_lines_are_ten_thousand_answers()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 10_000).Select(k => Row($"i-{k}", $"u-{k % 100}")));

        var answers = await Lines(lines);

        Assert.Equal(
            Enumerable.Range(0, 10_000).Select(k => $"i-{k}"),
            answers.Select(a => a.GetProperty("command_id").GetString()!)
        );
    }

    private static string Row(string id, string user) =>
        $$$"""{"header":{"command_id":"{{{id}}}"},"user_id":"{{{user}}}","candidate_id":"c-1","label":1,"context":{"items":[{"name":"a","text":"{{{new string('x', 100)}}}"}]}}""";

    private async Task<JsonElement[]> Lines(string body)
    {
        var (status, answer) = await Post(body, "application/x-ndjson");
        Assert.Equal(HttpStatusCode.OK, status);
        return
        [
            .. answer
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];
    }

    private async Task<(HttpStatusCode Status, string Body)> Post(string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await node.Node.Client.PostAsync(
            new Uri(Path, UriKind.Relative),
            content,
            TestContext.Current.CancellationToken
        );
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
