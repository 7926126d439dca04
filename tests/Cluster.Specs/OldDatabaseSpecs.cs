using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Databases that earlier releases wrote, each killed in the middle of its work, beside what they acknowledged and answered
/// (tests/Databases/write.py). This release gives the same answers, recognises every command, and finishes what was begun.
/// </summary>
public sealed partial class OldDatabaseSpecs : IDisposable
{
    private const int Users = 12;
    private const long Acknowledged = 126;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-old-").FullName;

    public static TheoryData<string> Releases =>
        [.. Directory.GetDirectories(RepositoryFiles.PathOf("tests", "Databases")).Select(d => Path.GetFileName(d))];

    public void Dispose() => Directory.Delete(_folder, true);

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task What_an_earlier_release_wrote_is_read_recognised_and_learned(string release)
    {
        var told = Unpack(RepositoryFiles.PathOf("tests", "Databases", release));
        foreach (var (lineage, replayed) in told["replayed"]!.AsObject())
        {
            AssertHolds(replayed, await Replay(lineage), $"the replay of {lineage}");
        }

        await using var host = new HostProcess(_folder);
        await host.Start();
        using var http = host.Client();
        foreach (var given in told["answers"]!.AsArray())
        {
            var path = (string)given!["path"]!;
            await Eventually.Is(() => host.TryGet(path));
            AssertHolds(given["answer"], await http.GetFromJsonAsync<JsonNode>(path), path);
        }

        foreach (var command in told["accepted"]!.AsArray())
        {
            var path = OfACell().Replace((string)command!["path"]!, "/");
            JsonNode? reply = null;
            await Eventually.Is(async () =>
            {
                using var answer = await http.PostAsJsonAsync(path, command!["body"]);
                reply = JsonNode.Parse(await answer.Content.ReadAsStringAsync());
                return answer.StatusCode is not HttpStatusCode.ServiceUnavailable;
            });
            Assert.True("DUPLICATE" == (string?)reply?["outcome"], $"{command!["body"]} is answered {reply}");
        }

        await Eventually.Is(async () => await Pending(host) == 0);
        Assert.Equal(Acknowledged, (await host.Get<LineageReply>("/training/lineages/champion")).SamplesAccepted);
        Assert.Equal(7, (await host.Get<UserReply>("/training/users/u40")).Seeds);
        var learned = await host.Ask<LineageReply>(
            "/training/lineages/champion/checkpoints",
            new CheckpointLineage
            {
                Header = new() { CommandId = "checkpoint-again" },
                LineageId = "champion",
            }
        );
        await host.KillNine();
        Assert.Equal(learned.Checkpoint.WeightsHash, (string?)(await Replay("champion"))["weights_hash"]);
    }

    /// <summary>What was sent to a cell then is sent to the test now.</summary>
    [GeneratedRegex(@"/cells/\d+/(?=exposures|outcomes)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfACell();

    private JsonNode Unpack(string release)
    {
        using (
            var packed = new GZipStream(File.OpenRead(Path.Combine(release, "ralm.db.gz")), CompressionMode.Decompress)
        )
        using (var database = File.Create(Path.Combine(_folder, "ralm.db")))
        {
            packed.CopyTo(database);
        }

        var models = Directory.CreateDirectory(Path.Combine(_folder, "models")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(release, "models")))
        {
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        }

        using var told = new GZipStream(
            File.OpenRead(Path.Combine(release, "told.json.gz")),
            CompressionMode.Decompress
        );
        return JsonNode.Parse(told)!;
    }

    private async Task<JsonNode> Replay(string lineage)
    {
        var line = await HostReplay.Try(_folder, lineage);
        Assert.NotNull(line);
        return JsonNode.Parse(line)!;
    }

    private static async Task<long> Pending(HostProcess host)
    {
        var pending = 0L;
        for (var u = 0; u < Users; u++)
        {
            pending += (await host.Get<UserReply>($"/training/users/u{u}")).SamplesPending;
        }

        return pending;
    }

    /// <summary>All that was said then is said now; more may be said.</summary>
    private static void AssertHolds(JsonNode? then, JsonNode? now, string where)
    {
        switch (then)
        {
            // What was decided stays as it was said; what the evidence is now is told by this release's rule.
            case JsonObject { } current
                when where.EndsWith(" current", StringComparison.Ordinal)
                    && current["rule_version"] is { } rule
                    && !JsonNode.DeepEquals(rule, now?["rule_version"]):
                Assert.True((int)rule < (int)now!["rule_version"]!);
                break;
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    AssertHolds(value, (now as JsonObject)?[name], $"{where} {name}");
                }

                break;
            case JsonArray items:
                Assert.True(items.Count == (now as JsonArray)?.Count, $"{where}: {items.Count} then, now {now}");
                for (var i = 0; i < items.Count; i++)
                {
                    AssertHolds(items[i], now![i], $"{where}[{i}]");
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(then, now), $"{where}: {then} then, now {now}");
                break;
        }
    }
}
