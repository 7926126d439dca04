using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>A backup as docs/operations.md has it, taken while a node works, and what a node elsewhere makes of it.</summary>
public sealed class BackupSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-backup-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task A_backup_of_a_node_at_work_has_all_that_was_acknowledged_and_the_same_weights()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        await host.Start();
        await Swipes.OpenLineage(host, _folder);
        var acknowledged = new int[Swipes.Users];
        using var stop = new CancellationTokenSource();
        var senders = Swipes.Begin(host, acknowledged, stop.Token);
        await Eventually.Is(() => senders.Any(s => s.IsFaulted) || acknowledged.Sum() > 10 * Swipes.Users);

        var told = acknowledged.ToArray();
        var copy = await BackUp(data, "at-work");

        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await Eventually.Is(async () => (await Swipes.Accounts(host)).Pending == 0);
        var learned = await Checkpoint(host);
        var later = await BackUp(data, "at-rest");
        await using var restored = new HostProcess(copy);
        await restored.Start();
        for (var u = 0; u < Swipes.Users; u++)
        {
            var known = (await restored.Get<UserReply>($"/training/users/user-{u}")).SamplesAccepted;
            Assert.True(known >= told[u], $"user-{u} was told {told[u]}, the copy has {known}");
        }

        await Eventually.Is(async () => (await Swipes.Accounts(restored)).Pending == 0);
        var (accepted, _, itsLearned) = await Swipes.Accounts(restored);
        Assert.Equal(accepted, itsLearned);
        var ofCopy = await Checkpoint(restored);
        await restored.Stop();
        Assert.Equal(ofCopy.Checkpoint.WeightsHash, await Replayed(copy));
        Assert.Equal(learned.Checkpoint.WeightsHash, await Replayed(later));
    }

    private static Task<LineageReply> Checkpoint(HostProcess host) =>
        host.Ask<LineageReply>(
            "/training/lineages/champion/checkpoints",
            new CheckpointLineage
            {
                Header = new() { CommandId = "checkpoint" },
                LineageId = "champion",
            }
        );

    /// <summary>The database first: whatever it names was in the models folder before.</summary>
    private async Task<string> BackUp(string data, string name)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(data, "ralm.db")}"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var backup = connection.CreateCommand();
            backup.CommandText = $"VACUUM INTO '{Path.Combine(copy, "ralm.db")}'";
            await backup.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        File.Copy(Path.Combine(data, "cluster"), Path.Combine(copy, "cluster"));
        var models = Directory.CreateDirectory(Path.Combine(copy, "models")).FullName;
        // What is being written is nobody's yet, and held by its writer.
        foreach (
            var file in Directory.GetFiles(Path.Combine(data, "models")).Where(f => Path.GetExtension(f) != ".tmp")
        )
        {
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        }

        return copy;
    }

    private static async Task<string> Replayed(string data)
    {
        var line = await HostReplay.Try(data, "champion");
        Assert.NotNull(line);
        return (string)JsonNode.Parse(line)!["weights_hash"]!;
    }
}
