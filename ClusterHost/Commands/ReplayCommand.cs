using System.CommandLine;
using System.Text.Json;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>replay</c>: a lineage's weights, computed anew from its journal alone.</summary>
public static class ReplayCommand
{
    public static Command Create()
    {
        var lineage = new Option<string>("--lineage") { Description = "which lineage", Required = true };
        var data = new Option<string?>("--data") { Description = "the node's data folder, default ./data" };
        var json = new Option<bool>("--json") { Description = "one line of JSON" };
        var command = new Command("replay", "compute a lineage's weights anew from its journal")
        {
            lineage,
            data,
            json,
        };
        command.SetAction(
            (parsed, ct) => Run(parsed.GetValue(lineage)!, parsed.GetValue(data), parsed.GetValue(json), ct)
        );
        return command;
    }

    private static async Task<int> Run(string lineageId, string? data, bool json, CancellationToken ct)
    {
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (data is not null)
        {
            options["Node:DataPath"] = data;
        }

        var settings = RalmSettings.Read(ProcessSettings.Written(options));
        var persistence = SqlDatabase.Of(settings.Persistence);
        if (persistence.SqliteFile is { } file && !File.Exists(file))
        {
            throw new StartRefusedException($"there is no database {file}: name the node's data folder with --data");
        }

        var journal = await JournalReader.Read(settings, $"lineage-{lineageId}", ct);
        if (journal.Count == 0)
        {
            throw new StartRefusedException($"the journal knows no lineage \"{lineageId}\"");
        }

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
