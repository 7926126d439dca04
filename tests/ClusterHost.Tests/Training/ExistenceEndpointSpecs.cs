using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>Only what exists is accepted, and what does not is named: over REST, to the letter.</summary>
public sealed class ExistenceEndpointSpecs(TrainedNode node) : IClassFixture<TrainedNode>
{
    private const string Nobodys = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public async Task An_interaction_for_a_lineage_that_nobody_opened_is_404_with_those_there_are()
    {
        await node.Post<CommandReply>(
            "/training/lineages",
            new OpenLineage
            {
                LineageId = "exp-1/b",
                Family = TrainedNode.Family,
                VersionId = "good",
            }
        );

        await Is(
            404,
            "lineage_ids[0]",
            "exp-1/c",
            "must be an open lineage; there are exp-1/b",
            "/training/users/u-1/interactions",
            """{"header":{"command_id":"i-1"},"candidate_id":"c-1","label":1,"lineage_ids":["exp-1/c"]}"""
        );
    }

    [Fact]
    public async Task An_interaction_that_names_no_lineage_where_there_is_no_champion_is_kept_and_answered_so()
    {
        var interaction = new RecordInteraction { CandidateId = "c-1", Label = 1 };

        var reply = await node.Post<CommandReply>("/training/users/u-2/interactions", interaction);

        Assert.Equal((CommandOutcome.Accepted, CommandNote.NoLineage), (reply.Outcome, reply.Note));
    }

    [Fact]
    public Task A_version_whose_file_nobody_has_is_404() =>
        Is(
            404,
            "artifact.hash",
            Nobodys,
            "must be in the store of models",
            "/training/registry/town/versions",
            $$$"""{"header":{"command_id":"r-1"},"version_id":"v-1","artifact":{"hash":"{{{Nobodys}}}"}}"""
        );

    [Fact]
    public Task A_hash_that_no_store_can_hold_is_400() =>
        Is(
            400,
            "base.hash",
            Nobodys.ToUpperInvariant(),
            "must be 64 lower-case hex digits",
            "/training/lineages",
            $$$"""
            {"header":{"command_id":"o-1"},"lineage_id":"l-1","family":"town","version_id":"good",
             "base":{"hash":"{{{Nobodys.ToUpperInvariant()}}}"}}
            """
        );

    [Fact]
    public async Task A_lineage_opens_from_a_registered_version_and_its_own_artefact_only()
    {
        await Is(
            404,
            "version_id",
            "best",
            "must be a registered version of the family town",
            "/training/lineages",
            """{"header":{"command_id":"o-2"},"lineage_id":"l-1","family":"town","version_id":"best"}"""
        );
        var good = (await node.Get<RegistryReply>("/training/registry/town")).Versions.Single(v =>
            v.VersionId == "good"
        );
        await Is(
            409,
            "base.hash",
            Nobodys,
            $"must be that of good in town: {good.Artifact.Hash}",
            "/training/lineages",
            $$$"""
            {"header":{"command_id":"o-3"},"lineage_id":"l-1","family":"town","version_id":"good",
             "base":{"hash":"{{{Nobodys}}}"}}
            """
        );
    }

    [Fact]
    public async Task An_experiment_shows_only_versions_and_lineages_that_are_there()
    {
        await Is(
            404,
            "definition.arms[1].version_id",
            "best",
            "must be a registered version of the family town",
            "/training/ab-testing",
            """
            {"header":{"command_id":"t-1"},"experiment_id":"t","definition":{"family":"town","metric":"match","arms":[
              {"name":"a","weight":5000,"version_id":"good"},{"name":"b","weight":5000,"version_id":"best"}]}}
            """
        );
        await Is(
            404,
            "definition.arms[1].lineage_id",
            "exp-9/b",
            "must be an open lineage",
            "/training/ab-testing",
            """
            {"header":{"command_id":"t-2"},"experiment_id":"t","definition":{"family":"town","metric":"match","arms":[
              {"name":"a","weight":5000,"version_id":"good"},{"name":"b","weight":5000,"lineage_id":"exp-9/b"}]}}
            """
        );
    }

    private async Task Is(int status, string field, string value, string rule, string path, string body)
    {
        var (got, problem) = await node.Refused(path, body);
        var title = status switch
        {
            404 => "Not found",
            409 => "Not allowed in this state",
            _ => "Not valid",
        };
        var detail = $"{field} \\\"{value}\\\" {rule}";
        Assert.Equal(
            $$"""{"detail":"{{detail}}","field":"{{field}}","rule":"{{rule}}","status":{{status}},"title":"{{title}}","type":"about:blank","value":"{{value}}"}""",
            problem
        );
        Assert.Equal(status, got);
    }
}
