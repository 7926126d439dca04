using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>The units of a family, shared out over REST: layers, the holdout, and salts that two tests share.</summary>
public sealed class SharedUnitsEndpointSpecs : IAsyncLifetime
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private TestNode _node = null!;
    private int _commands;

    public async ValueTask InitializeAsync() =>
        _node = await (await (await TestNode.Start()).Ready()).WithVersions("city", "v1", "v2");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_range_that_another_test_has_is_409_with_who_has_it_and_the_layer_shows_what_is_free()
    {
        await Create("one", """ "layer": {"name": "l", "from": 0, "to": 6000} """);
        await Create("two", """ "layer": {"name": "l", "from": 4000, "to": 10000} """);
        Assert.Equal(HttpStatusCode.OK, (await Post("/training/ab-testing/one/start", "")).Status);

        var (status, problem) = await Post("/training/ab-testing/two/start", "");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains(
            "\"field\":\"definition.layer.from\",\"rule\":\"must not overlap 0 to 6,000 of layer l, which one has\"",
            problem,
            StringComparison.Ordinal
        );
        var layer = await Get<LayerReply>("/training/ab-testing-layers/city/l");
        Assert.Equal("one", Assert.Single(layer.Claims).ExperimentId);
        Assert.Equal((6000, 10_000), (Assert.Single(layer.Free).From, layer.Free[0].To));

        await Post("/training/ab-testing/one/stop", "");
        await Until<LayerReply>("/training/ab-testing-layers/city/l", l => l.Claims.Count == 0);
        Assert.Equal(HttpStatusCode.OK, (await Post("/training/ab-testing/two/start", "")).Status);
    }

    [Fact]
    public async Task The_familys_holdout_is_set_by_a_person_binds_a_test_that_states_none_and_refuses_another_one()
    {
        Assert.Equal(
            HttpStatusCode.OK,
            (await Post("/training/ab-testing-holdouts/city", """ "holdout": 1000, "reason": "for years" """)).Status
        );
        await Create("silent", "");
        await Create("differs", """ "holdout": 500 """);
        await Post("/training/ab-testing/silent/start", "");

        var (status, problem) = await Post("/training/ab-testing/differs/start", "");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("must be 1,000, as that of the family city, or left out", problem, StringComparison.Ordinal);
        Assert.Equal(1000, (await Get<ExperimentReply>("/training/ab-testing/silent")).Holdout);
        var holdout = await Get<HoldoutReply>("/training/ab-testing-holdouts/city");
        Assert.Equal((1000, "ann", "for years"), (holdout.Holdout, holdout.Author, holdout.Reason));
        Assert.Equal(("silent", 1000), (Assert.Single(holdout.Claims).ExperimentId, holdout.Claims[0].Holdout));
        var (grows, why) = await Post("/training/ab-testing-holdouts/city", """ "holdout": 2000 """);
        Assert.Equal(HttpStatusCode.Conflict, grows);
        Assert.Contains("must be at most 1,000 while silent runs", why, StringComparison.Ordinal);
        var (missing, _) = await Post("/training/ab-testing-holdouts/city", "");
        Assert.Equal(HttpStatusCode.BadRequest, missing);
    }

    [Fact]
    public async Task A_family_that_nobody_has_units_of_shows_no_holdout_and_a_free_layer()
    {
        Assert.Equal(0, (await Get<HoldoutReply>("/training/ab-testing-holdouts/nobody")).Holdout);
        var free = Assert.Single((await Get<LayerReply>("/training/ab-testing-layers/nobody/l")).Free);
        Assert.Equal((0, 10_000), (free.From, free.To));
    }

    [Fact]
    public async Task Two_tests_of_one_salt_warn_of_each_other()
    {
        await Create("one", """ "salt": "shared" """);
        await Create("two", """ "salt": "shared" """);
        await Create("three", "");

        var one = await Until<ExperimentReply>("/training/ab-testing/one", t => t.Warnings.Count > 0);
        var two = await Until<ExperimentReply>("/training/ab-testing/two", t => t.Warnings.Count > 0);

        Assert.StartsWith("the salt shared is also that of two:", one.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("the salt shared is also that of one:", two.Warnings[0], StringComparison.Ordinal);
        Assert.Empty((await Get<ExperimentReply>("/training/ab-testing/three")).Warnings);
        Assert.Equal(2, (await Get<ExperimentsReply>("/training/ab-testing?salt=shared")).Total);
    }

    private async Task Create(string experimentId, string definition)
    {
        var more = definition.Length > 0 ? $",{definition}" : "";
        var (status, body) = await Post(
            "/training/ab-testing",
            $$"""
            "experiment_id": "{{experimentId}}", "definition": {"family": "city", "metric": "match", "arms": [
              {"name": "a", "weight": 5000, "version_id": "v1"}, {"name": "b", "weight": 5000, "version_id": "v2"}]{{more}}}
            """
        );
        Assert.True(status == HttpStatusCode.OK, body);
    }

    private async Task<(HttpStatusCode Status, string Body)> Post(string path, string fields)
    {
        var more = fields.Length > 0 ? $",{fields}" : "";
        var body = $$"""{"header": {"command_id": "c-{{_commands++}}", "author": "ann"}{{more}}}""";
        return await Retried(async () =>
        {
            using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            using var answer = await _node.Client.PostAsync(new Uri(path, UriKind.Relative), content);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        });
    }

    private async Task<T> Get<T>(string path)
        where T : IMessage<T>, new()
    {
        var (status, body) = await Retried(async () =>
        {
            using var answer = await _node.Client.GetAsync(new Uri(path, UriKind.Relative));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        });
        Assert.True(status == HttpStatusCode.OK, body);
        return Parser.Parse<T>(body);
    }

    /// <summary>A node that is not ready for a moment says: come again.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> Retried(
        Func<Task<(HttpStatusCode Status, string Body)>> ask
    )
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await ask();
            if (answer.Status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            {
                return answer;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private async Task<T> Until<T>(string path, Func<T, bool> holds)
        where T : IMessage<T>, new()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await Get<T>(path);
            if (holds(answer))
            {
                return answer;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
