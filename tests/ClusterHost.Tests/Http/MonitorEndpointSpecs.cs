using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RalmActors.ClusterHost.Tests.Node;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

public sealed class MonitorEndpointSpecs(SharedNode shared)
{
    private const string Source = "/training/monitor/app:monitor-specs";

    [Fact]
    public async Task Series_rules_and_silences_are_told_and_asked_for_over_REST()
    {
        var http = (await shared.Node()).Client;
        var now = TimeProvider.System.GetUtcNow();
        var (at, until) = (now.ToString("O"), now.AddHours(1).ToString("O"));
        await Post(
            http,
            "rules",
            """{"header":{"command_id":"r"},"rules":[{"rule_id":"r","metric":"a","comparison":"ABOVE","threshold":1,"severity":"INFO"}]}"""
        );
        await Post(
            http,
            "samples",
            $$"""{"header":{"command_id":"s"},"at":"{{at}}","points":[{"name":"a","value":2},{"name":"ab","value":3},{"name":"c","value":4}]}"""
        );
        await Post(http, "silences", $$"""{"header":{"command_id":"q"},"rule_id":"r","until":"{{until}}"}""");

        var many = await Get(http, "many-series?metrics=a*&metrics=c");
        Assert.Equal(["a", "ab", "c"], many["series"]!.AsArray().Select(s => (string)s!["metric"]!));
        Assert.Equal("r", (string)(await Get(http, "silences"))["silences"]![0]!["rule_id"]!);
        await Post(http, "silences/r/lift", """{"header":{"command_id":"l"}}""");
        Assert.Empty((await Get(http, "silences"))["silences"]!.AsArray());
        Assert.Equal("FIRING", (string)(await Get(http, "alerts"))["alerts"]![0]!["status"]!);
    }

    [Theory]
    [InlineData("/training/monitor/app:never-heard-of/series?metric=a")]
    [InlineData("/training/monitor/app:never-heard-of/many-series")]
    [InlineData("/training/monitor/app:never-heard-of/alerts")]
    [InlineData("/training/monitor/app:never-heard-of/silences")]
    [InlineData($"{Source}-known/series?metric=b")]
    [InlineData($"{Source}-known/many-series?metrics=b*")]
    public async Task What_nobody_has_told_of_is_not_found(string path)
    {
        var http = (await shared.Node()).Client;
        var at = TimeProvider.System.GetUtcNow().ToString("O");
        await http.PostAsJsonAsync(
            $"{Source}-known/samples",
            JsonNode.Parse(
                $$"""{"header":{"command_id":"{{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(path))}}"},"at":"{{at}}","points":[{"name":"a","value":2}]}"""
            ),
            TestContext.Current.CancellationToken
        );

        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task Post(HttpClient http, string path, string body)
    {
        using var answer = await http.PostAsJsonAsync(
            $"{Source}/{path}",
            JsonNode.Parse(body),
            TestContext.Current.CancellationToken
        );
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonNode> Get(HttpClient http, string path) =>
        (await http.GetFromJsonAsync<JsonNode>($"{Source}/{path}", TestContext.Current.CancellationToken))!;
}
