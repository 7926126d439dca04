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
        var most = await Get(http, "many-series?metrics=c&step_seconds=60&function=MOST&offset_seconds=60");
        Assert.Equal(4, (double)most["series"]![0]!["values"]![0]!);
        Assert.Equal("NaN", (string)most["series"]![0]!["before"]![0]!);
        Assert.Equal(
            ["a", "ab", "c"],
            (await Get(http, "metrics"))["metrics"]!.AsArray().Select(m => (string)m!["name"]!)
        );
        var sources = await Node(http, "/training/monitor-sources");
        Assert.Contains("app:monitor-specs", sources["sources"]!.AsArray().Select(s => (string)s!));
        var ofMany = await Node(
            http,
            "/training/monitor-series?sources=app:monitor-specs&sources=app:nobody&metrics=a&step_seconds=60&function=LAST"
        );
        Assert.Equal(2, (double)ofMany["sources"]![0]!["series"]![0]!["values"]![0]!);
        Assert.Equal("app:nobody", (string)ofMany["missing"]![0]!);
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

    [Theory]
    [InlineData("many-series?function=MODE&step_seconds=60", "function", "MODE")]
    [InlineData("many-series?function=MEAN", "step_seconds", "0")]
    [InlineData("many-series?step_seconds=-1", "step_seconds", "-1")]
    [InlineData("many-series?step_seconds=often", "step_seconds", "often")]
    [InlineData("many-series?step_seconds=60&function=QUANTILE&quantile=2", "quantile", "2")]
    [InlineData("many-series?step_seconds=60&function=QUANTILE", "quantile", "")]
    [InlineData("many-series?step_seconds=60&quantile=.5", "quantile", "0.5")]
    [InlineData("many-series?step_seconds=60&offset_seconds=90", "offset_seconds", "90")]
    [InlineData("many-series?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "2026-01-01T00:00:00Z")]
    [InlineData("many-series?colour=red", "colour", "red")]
    [InlineData("series?metric=a&step_seconds=1e9", "step_seconds", "1000000000")]
    public async Task A_question_that_cannot_be_answered_names_field_value_and_rule(
        string path,
        string field,
        string value
    )
    {
        var http = (await shared.Node()).Client;
        var at = TimeProvider.System.GetUtcNow().ToString("O");
        var id = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(path))[^40..];
        await http.PostAsJsonAsync(
            $"{Source}-asked/samples",
            JsonNode.Parse($$"""{"header":{"command_id":"{{id}}"},"at":"{{at}}","points":[{"name":"a","value":2}]}"""),
            TestContext.Current.CancellationToken
        );

        using var answer = await http.GetAsync($"{Source}-asked/{path}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((field, value), ((string)problem["field"]!, (string)problem["value"]!));
        Assert.NotEqual("", (string)problem["rule"]!);
    }

    private static async Task<JsonNode> Node(HttpClient http, string path) =>
        (await http.GetFromJsonAsync<JsonNode>(path, TestContext.Current.CancellationToken))!;

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
