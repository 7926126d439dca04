using System.CommandLine;
using System.Text.Json;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.OffPolicy;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>replay</c>: from the journal alone, a lineage's weights, or what a policy would have been worth.</summary>
public static class ReplayCommand
{
    public static Command Create()
    {
        var lineage = new Option<string?>("--lineage") { Description = "whose weights are computed anew" };
        var without = new Option<string?>("--without")
        {
            Description = "of the lineage: learned anew without this person, from the last checkpoint before them",
        };
        var policy = new Option<string?>("--policy")
        {
            Description = "version:ID or lineage:ID: what it would have been worth in the place of those who decided",
        };
        var family = new Option<string?>("--family") { Description = "of the version" };
        var from = new Option<DateTimeOffset?>("--from") { Description = "decisions from this time on" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "decisions before this time" };
        var setting = new Option<string?>("--setting")
        {
            Description =
                $"of the lineage, others than its own: NAME=VALUE,... of {string.Join(", ", OtherSettings.Names)}",
        };
        var loggedBy = new Option<string?>("--logged-by") { Description = "decisions of this arm or version alone" };
        var experiment = new Option<string?>("--experiment")
        {
            Description = "decisions of this experiment alone, and its result beside the estimate",
        };
        var explore = new Option<string?>("--explore")
        {
            Description =
                "how the policy would draw: epsilon=.1,temperature=1, or none; default as each list was drawn",
        };
        var cap = new Option<double?>("--cap") { Description = "no weight counts for more; default none" };
        var data = new Option<string?>("--data") { Description = "the node's data folder, default ./data" };
        var json = new Option<bool>("--json") { Description = "one line of JSON" };
        var command = new Command("replay", "a lineage's weights, or a policy's value, computed anew from the journal")
        {
            lineage,
            without,
            policy,
            family,
            from,
            to,
            setting,
            loggedBy,
            experiment,
            explore,
            cap,
            data,
            json,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var (weightsOf, valueOf) = (parsed.GetValue(lineage), parsed.GetValue(policy));
                if (weightsOf is null == valueOf is null)
                {
                    throw new CommandLineException("--lineage or --policy must be set, and not both");
                }

                if (parsed.GetValue(without) is { } userId)
                {
                    return weightsOf is null
                        ? throw new CommandLineException("--without is of a lineage: --lineage must be set")
                        : Unlearn(weightsOf, userId, parsed.GetValue(data), parsed.GetValue(json), ct);
                }

                if (valueOf is null)
                {
                    return Run(weightsOf!, parsed.GetValue(data), parsed.GetValue(json), ct);
                }

                var (kind, id) = PolicyQuestion.Parse(valueOf);
                var question = new PolicyQuestion(
                    kind,
                    id,
                    parsed.GetValue(family),
                    parsed.GetValue(from),
                    parsed.GetValue(to),
                    PolicyQuestion.Pairs("--setting", parsed.GetValue(setting)),
                    parsed.GetValue(loggedBy),
                    parsed.GetValue(experiment),
                    PolicyQuestion.ExplorationOf(parsed.GetValue(explore)),
                    parsed.GetValue(cap) is null or (> 0 and < double.PositiveInfinity)
                        ? parsed.GetValue(cap)
                        : throw new CommandLineException($"--cap \"{parsed.GetValue(cap)}\" must be a number above 0")
                );
                return Ask(question, parsed.GetValue(data), parsed.GetValue(json), ct);
            }
        );
        return command;
    }

    private static async Task<int> Ask(PolicyQuestion question, string? data, bool json, CancellationToken ct)
    {
        var summary = await PolicyReplayRun.Run(JournalSettings.Of(data), question, ct);
        Console.WriteLine(json ? summary.ToJson() : summary);
        return 0;
    }

    private static async Task<int> Unlearn(
        string lineageId,
        string userId,
        string? data,
        bool json,
        CancellationToken ct
    )
    {
        var settings = JournalSettings.Of(data);
        var journal = await Journal(settings, lineageId, ct);
        var store = new ArtifactStore(settings.Storage.Models);
        var made = LineageWithout.Run(journal, userId, store, settings.Trainer.Device);
        Console.WriteLine(
            json ? JsonSerializer.Serialize(made, JsonLine.Options)
            : made.ArtifactHash is null ? $"{lineageId} has learned nothing of {userId}"
            : $"{lineageId} has learned {made.Samples:N0} samples of {userId}, in batches {made.FirstBatch} to {made.LastBatch}; "
                + $"{made.Touched.Count} checkpoints have. Without, from batch {made.CleanBatch}: {made.ArtifactHash}"
        );
        return 0;
    }

    private static async Task<IReadOnlyList<IEvent>> Journal(
        RalmSettings settings,
        string lineageId,
        CancellationToken ct
    )
    {
        var journal = await JournalReader.Read(settings, $"lineage-{lineageId}", ct);
        return journal.Count > 0
            ? journal
            : throw new StartRefusedException($"the journal knows no lineage \"{lineageId}\"");
    }

    private static async Task<int> Run(string lineageId, string? data, bool json, CancellationToken ct)
    {
        var settings = JournalSettings.Of(data);
        var journal = await Journal(settings, lineageId, ct);
        var replayed = LineageReplay.Run(journal, new ArtifactStore(settings.Storage.Models), settings.Trainer.Device);
        Console.WriteLine(
            json
                ? JsonSerializer.Serialize(replayed, JsonLine.Options)
                : $"{lineageId}: {replayed.Samples:N0} samples in {replayed.Batches:N0} batches, {replayed.Doubled} "
                    + $"doubled, {replayed.PassedOver:N0} passed over, {replayed.SetAside:N0} set aside, weights {replayed.WeightsHash}"
        );
        return 0;
    }
}
