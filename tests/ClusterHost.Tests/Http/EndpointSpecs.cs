using System.Net;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Cluster;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

public sealed class EndpointSpecs(HttpNode node) : IClassFixture<HttpNode>
{
    private const string Interaction = """{"header":{"command_id":"i-1"},"candidate_id":"c-1","label":1}""";

    [Fact]
    public async Task An_accepted_command_answers_with_its_journal_position()
    {
        var (status, body) = await Post("/training/users/u-1/interactions", Interaction);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("ACCEPTED", body.GetProperty("outcome").GetString());
        Assert.Equal("3", body.GetProperty("sequence_nr").GetString());
    }

    [Fact]
    public async Task The_idempotency_key_is_the_command_id()
    {
        var (status, body) = await Post("/training/users/u-1/interactions", """{"label":1}""", "key-7");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("key-7", body.GetProperty("command_id").GetString());
    }

    [Fact]
    public async Task Two_different_command_ids_are_refused() =>
        AssertProblem(
            await Post("/training/users/u-1/interactions", Interaction, "key-7"),
            HttpStatusCode.BadRequest,
            "header.command_id"
        );

    [Fact]
    public async Task A_command_without_an_id_is_refused() =>
        AssertProblem(
            await Post("/training/users/u-1/interactions", """{"label":1}"""),
            HttpStatusCode.BadRequest,
            "header.command_id"
        );

    [Theory]
    [InlineData("""{"header":{"command_id":"i-1"},"candidate_id":"c-1","label":1,"label":0}""", "label")]
    [InlineData("""{"header":{"command_id":"i-1","command_id":"i-2"},"candidate_id":"c-1","label":1}""", "command_id")]
    public async Task A_name_that_comes_twice_is_refused(string body, string name)
    {
        var answer = await Post("/training/users/u-1/interactions", body);

        AssertProblem(answer, HttpStatusCode.BadRequest, "body");
        Assert.Contains(name, answer.Body.GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_with_a_bad_character_is_refused_with_its_rule()
    {
        var answer = await Post("/training/users/u%201/interactions", Interaction);

        AssertProblem(answer, HttpStatusCode.BadRequest, "user_id");
        Assert.Equal("u 1", answer.Body.GetProperty("value").GetString());
        Assert.StartsWith("must be 1 to 128 characters", answer.Body.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task An_id_may_hold_a_slash()
    {
        using var answer = await node.Node.Client.GetAsync(new Uri("/training/users/a%2Fb", UriKind.Relative));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal("a/b", body.GetProperty("user_id").GetString());
        Assert.Equal("7", body.GetProperty("samples_accepted").GetString());
    }

    [Fact]
    public async Task Body_and_address_must_agree() =>
        AssertProblem(
            await Post("/training/users/u-1/interactions", """{"header":{"command_id":"i-1"},"userId":"u-2"}"""),
            HttpStatusCode.BadRequest,
            "user_id"
        );

    [Fact]
    public async Task An_unknown_field_is_named()
    {
        var answer = await Post("/training/users/u-1/interactions", """{"header":{"command_id":"i-1"},"lable":1}""");

        AssertProblem(answer, HttpStatusCode.BadRequest, "lable");
        Assert.Equal("is not a field of RecordInteraction", answer.Body.GetProperty("rule").GetString());
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("""{"label":{"a":1}}""", "label")]
    [InlineData("""{"header":{"command_id":"x"},"candidate_id":"\ud800","label":1}""", "candidate_id")]
    [InlineData("""{"occurred_at":"yesterday","header":{"command_id":"x"}}""", "occurred_at")]
    [InlineData("""{"user":{"items":[{"name":"a","number":1},{"name":"b","number":true}]}}""", "user.items[1].number")]
    [InlineData("""{"user":{"items":[{"name":"a","weight":1}]}}""", "user.items[0].weight")]
    [InlineData("""{"lineage_ids":["a",null]}""", "lineage_ids[1]")]
    [InlineData("""{"lineage_ids":"a"}""", "lineage_ids")]
    [InlineData("""{"user":{"items":[{"name":"a","number":1,"text":"b"}]}}""", "user.items[0]")]
    [InlineData("""{"user":{"items":[null]}}""", "user.items[0]")]
    [InlineData("""{"label":1e400}""", "label")]
    [InlineData("""{"candidate_id":"a","candidateId":"b"}""", "candidateId")]
    [InlineData("""{"header":{"command_id":"a","commandId":"a"}}""", "header.commandId")]
    public async Task A_body_that_is_not_the_message_is_refused_where_it_is_wrong(string body, string field) =>
        AssertProblem(await Post("/training/users/u-1/interactions", body), HttpStatusCode.BadRequest, field);

    [Theory]
    [InlineData("""{"label":true}""", "must be a number")]
    [InlineData("""{"candidate_id":7}""", "must be a text")]
    [InlineData(
        """{"user":{"items":[{"name":"a","number":1,"text":"b"}]}}""",
        "must have one of number, text, texts, position, not several"
    )]
    [InlineData("""{"label":,}""", "must be a JSON object with each name once; it is not JSON: line 1, byte 9: ")]
    public async Task The_rule_is_in_the_words_of_the_wire(string body, string rule)
    {
        var answer = await Post("/training/users/u-1/interactions", body);

        Assert.StartsWith(rule, answer.Body.GetProperty("rule").GetString()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8", "iso-8859-1")]
    [InlineData("iso-8859-1", "iso-8859-1")]
    [InlineData("utf-16", "utf-16")]
    public async Task A_body_that_is_not_utf_8_is_refused(string said, string written)
    {
        using var content = new ByteArrayContent(
            Encoding.GetEncoding(written).GetBytes("""{"header":{"command_id":"i-1"},"candidate_id":"ü","label":1}""")
        );
        content.Headers.ContentType = new("application/json") { CharSet = said };
        using var answer = await node.Node.Client.PostAsync(
            new Uri("/training/users/u-1/interactions", UriKind.Relative),
            content
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("UTF-8", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_json_is_read()
    {
        using var content = new StringContent(Interaction, Encoding.UTF8, "text/plain");
        using var answer = await node.Node.Client.PostAsync(
            new Uri("/training/users/u-1/interactions", UriKind.Relative),
            content
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_it_is_read()
    {
        var answer = await Post(
            "/training/users/u-1/interactions",
            $$"""{"candidate_id":"{{new string('c', 4000)}}"}"""
        );

        AssertProblem(answer, HttpStatusCode.RequestEntityTooLarge, "body");
        Assert.StartsWith("must be at most ", answer.Body.GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/endpoint", HttpStatusCode.NotFound, "path", "is no endpoint; /openapi/v1.json lists them")]
    [InlineData("/training/users/u-1", HttpStatusCode.MethodNotAllowed, "method", "must be GET")]
    public async Task A_way_that_leads_nowhere_is_told_as_any_refusal(
        string path,
        HttpStatusCode status,
        string field,
        string rule
    )
    {
        var answer = await Post(path, "{}");

        AssertProblem(answer, status, field);
        Assert.Equal(rule, answer.Body.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_refusal_names_field_value_and_rule()
    {
        var answer = await Post("/training/users/conflict/interactions", Interaction);

        AssertProblem(answer, HttpStatusCode.Conflict, "label");
        Assert.Equal("2", answer.Body.GetProperty("value").GetString());
        Assert.Equal("must be 0 to 1", answer.Body.GetProperty("rule").GetString());
    }

    [Theory]
    [InlineData("overloaded", HttpStatusCode.TooManyRequests)]
    [InlineData("unavailable", HttpStatusCode.ServiceUnavailable)]
    public async Task What_may_be_repeated_says_when(string user, HttpStatusCode expected)
    {
        using var answer = await Send($"/training/users/{user}/interactions", Interaction);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Beyond_what_a_node_works_on_at_once_it_says_when_to_come_again()
    {
        var region = node.Node.Node.Registry.Get<UserRegion>();
        var held = Enumerable
            .Range(0, HttpNode.MaxInFlight)
            .Select(_ => Send("/training/users/held/interactions", Interaction))
            .ToArray();
        await Eventually.Is(HttpNode.MaxInFlight, () => region.Ask<int>(new EchoRegion.HowManyHeld()));

        using (var refused = await Send("/training/users/u-1/interactions", Interaction))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
            Assert.Contains(
                $"{HttpNode.MaxInFlight} requests are being worked on",
                await refused.Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );
        }

        using (var measured = await node.Node.Client.GetAsync(new Uri("/metrics", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.OK, measured.StatusCode);
        }

        region.Tell(new EchoRegion.LetGo());
        foreach (var request in held)
        {
            using var answer = await request;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Eventually.Is(
            HttpStatusCode.OK,
            async () => (await Post("/training/users/u-1/interactions", Interaction)).Status
        );
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        using var answer = await node.Node.Client.GetAsync(new Uri("/training/users/nobody", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("/training/users/u-1")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/scalar")]
    [InlineData("/health")]
    [InlineData("/no/such/endpoint")]
    public async Task Without_the_key_every_door_is_closed(string path)
    {
        using var stranger = new HttpClient { BaseAddress = node.Node.Client.BaseAddress };
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode
        );

        stranger.DefaultRequestHeaders.Add("X-Api-Key", TestNode.Key[..^1] + "0");
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode
        );
    }

    [Fact]
    public async Task Without_the_key_the_ways_to_bring_it_are_told()
    {
        using var stranger = new HttpClient { BaseAddress = node.Node.Client.BaseAddress };
        using var answer = await stranger.GetAsync(new Uri("/training/users/u-1", UriKind.Relative));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(
            "Bearer, Basic realm=\"ralm\", charset=\"UTF-8\"",
            answer.Headers.NonValidated["WWW-Authenticate"].ToString()
        );
        Assert.Equal(
            "give the API key as X-Api-Key, as bearer token, or as basic authentication's password",
            body.GetProperty("detail").GetString()
        );
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_asks_for_no_key(string path)
    {
        using var stranger = new HttpClient { BaseAddress = node.Node.Client.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Readiness_says_a_status_and_its_checks_and_nothing_else()
    {
        var text = await node.Node.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative));
        var body = JsonDocument.Parse(text).RootElement;

        Assert.Equal(["status", "checks"], body.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["name", "status", "description"],
            body.GetProperty("checks")[0].EnumerateObject().Select(p => p.Name)
        );
    }

    [Theory]
    [InlineData("Bearer", TestNode.Key)]
    [InlineData("Basic", "eDowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==")]
    public async Task The_key_is_also_a_bearer_token_or_a_password(string scheme, string parameter)
    {
        using var client = new HttpClient { BaseAddress = node.Node.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new(scheme, parameter);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task The_open_api_document_describes_every_endpoint()
    {
        var text = await node.Node.Client.GetStringAsync(new Uri(HttpHosting.OpenApiPath, UriKind.Relative));
        var paths = JsonDocument.Parse(text).RootElement.GetProperty("paths");

        foreach (var endpoint in Endpoints.All)
        {
            var operation = paths.GetProperty(endpoint.Route).GetProperty(endpoint.Method.ToLowerInvariant());
            Assert.Equal(endpoint.OperationId, operation.GetProperty("operationId").GetString());
        }

        Assert.Distinct(Endpoints.All.Select(e => e.OperationId));
    }

    [Fact]
    public void Every_parameter_of_a_route_is_a_field_of_its_message()
    {
        foreach (var endpoint in Endpoints.All)
        {
            foreach (var part in endpoint.Route.Split('/').Where(p => p.StartsWith('{')))
            {
                Assert.NotNull(endpoint.Request.FindFieldByName(part.Trim('{', '}')));
            }
        }
    }

    private static void AssertProblem(
        (HttpStatusCode Status, JsonElement Body) answer,
        HttpStatusCode status,
        string field
    )
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal(field, answer.Body.GetProperty("field").GetString());
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Post(string path, string body, string? key = null)
    {
        using var answer = await Send(path, body, key);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<HttpResponseMessage> Send(string path, string body, string? key = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = content,
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await node.Node.Client.SendAsync(request);
    }
}
