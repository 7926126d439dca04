using System.Net;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>The units of a family, shared out over REST: layers, the holdout, and salts that two tests share.</summary>
public sealed class SharedUnitsEndpointSpecs(SharedNode shared) : IAsyncLifetime
{
    private TestNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await shared.Node();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_range_that_another_test_has_is_409_with_who_has_it_and_the_layer_shows_what_is_free()
    {
        await Create("layered", "one", """ "layer": {"name": "l", "from": 0, "to": 6000} """);
        await Create("layered", "two", """ "layer": {"name": "l", "from": 4000, "to": 10000} """);
        Assert.Equal(HttpStatusCode.OK, (await Post("/training/ab-testing/one/start", "")).Status);

        var (status, problem) = await Post("/training/ab-testing/two/start", "");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains(
            "\"field\":\"definition.layer.from\",\"rule\":\"must not overlap 0 to 6,000 of layer l, which one has\"",
            problem,
            StringComparison.Ordinal
        );
        var layer = await _node.Get<LayerReply>("/training/ab-testing-layers/layered/l");
        Assert.Equal("one", Assert.Single(layer.Claims).ExperimentId);
        Assert.Equal((6000, 10_000), (Assert.Single(layer.Free).From, layer.Free[0].To));

        await Post("/training/ab-testing/one/stop", "");
        await _node.Until<LayerReply>("/training/ab-testing-layers/layered/l", l => l.Claims.Count == 0);
        Assert.Equal(HttpStatusCode.OK, (await Post("/training/ab-testing/two/start", "")).Status);
    }

    [Fact]
    public async Task The_familys_holdout_is_set_by_a_person_binds_a_test_that_states_none_and_refuses_another_one()
    {
        Assert.Equal(
            HttpStatusCode.OK,
            (await Post("/training/ab-testing-holdouts/held", """ "holdout": 1000, "reason": "for years" """)).Status
        );
        await Create("held", "silent", "");
        await Create("held", "differs", """ "holdout": 500 """);
        await Post("/training/ab-testing/silent/start", "");

        var (status, problem) = await Post("/training/ab-testing/differs/start", "");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("must be 1,000, as that of the family held, or left out", problem, StringComparison.Ordinal);
        Assert.Equal(1000, (await _node.Get<ExperimentReply>("/training/ab-testing/silent")).Holdout);
        var holdout = await _node.Get<HoldoutReply>("/training/ab-testing-holdouts/held");
        Assert.Equal((1000, "ann", "for years"), (holdout.Holdout, holdout.Author, holdout.Reason));
        Assert.Equal(("silent", 1000), (Assert.Single(holdout.Claims).ExperimentId, holdout.Claims[0].Holdout));
        var (grows, why) = await Post("/training/ab-testing-holdouts/held", """ "holdout": 2000 """);
        Assert.Equal(HttpStatusCode.Conflict, grows);
        Assert.Contains("must be at most 1,000 while silent runs", why, StringComparison.Ordinal);
        var (missing, _) = await Post("/training/ab-testing-holdouts/held", "");
        Assert.Equal(HttpStatusCode.BadRequest, missing);
    }

    [Fact]
    public async Task A_family_that_nobody_has_units_of_shows_no_holdout_and_a_free_layer()
    {
        Assert.Equal(0, (await _node.Get<HoldoutReply>("/training/ab-testing-holdouts/nobody")).Holdout);
        var free = Assert.Single((await _node.Get<LayerReply>("/training/ab-testing-layers/nobody/l")).Free);
        Assert.Equal((0, 10_000), (free.From, free.To));
    }

    [Fact]
    public async Task Two_tests_of_one_salt_warn_of_each_other()
    {
        await Create("salted", "first", """ "salt": "shared" """);
        await Create("salted", "second", """ "salt": "shared" """);
        await Create("salted", "third", "");

        var first = await _node.Until<ExperimentReply>("/training/ab-testing/first", t => t.Warnings.Count > 0);
        var second = await _node.Until<ExperimentReply>("/training/ab-testing/second", t => t.Warnings.Count > 0);

        Assert.StartsWith("the salt shared is also that of second:", first.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("the salt shared is also that of first:", second.Warnings[0], StringComparison.Ordinal);
        Assert.Empty((await _node.Get<ExperimentReply>("/training/ab-testing/third")).Warnings);
        Assert.Equal(2, (await _node.Get<ExperimentsReply>("/training/ab-testing?salt=shared")).Total);
    }

    private async Task Create(string family, string experimentId, string definition)
    {
        await _node.WithVersions(family, "v1", "v2");
        var more = definition.Length > 0 ? $",{definition}" : "";
        var (status, body) = await Post(
            "/training/ab-testing",
            $$"""
            "experiment_id": "{{experimentId}}", "definition": {"family": "{{family}}", "metric": "match", "arms": [
              {"name": "a", "weight": 5000, "version_id": "v1"}, {"name": "b", "weight": 5000, "version_id": "v2"}]{{more}}}
            """
        );
        Assert.True(status == HttpStatusCode.OK, body);
    }

    private Task<(HttpStatusCode Status, string Body)> Post(string path, string fields)
    {
        var more = fields.Length > 0 ? $",{fields}" : "";
        return _node.Send(path, $$"""{"header": {"command_id": "{{Guid.NewGuid()}}", "author": "ann"}{{more}}}""");
    }
}
