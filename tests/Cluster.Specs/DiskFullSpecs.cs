using Microsoft.Data.Sqlite;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A disk that is full: nothing is acknowledged that is not kept, and when there is room again the node is ready by itself
/// and the same commands are accepted, once each.
/// </summary>
public sealed class DiskFullSpecs : IAsyncLifetime
{
    private readonly string _folder;
    private readonly OwnDisk _disk;

    public DiskFullSpecs()
    {
        _folder = Directory.CreateTempSubdirectory("ralm-full-").FullName;
        _disk = new OwnDisk(_folder);
    }

    public async ValueTask InitializeAsync() =>
        await _disk.Mount(async () =>
        {
            await LocalServer.Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", _folder);
            return _folder;
        });

    public async ValueTask DisposeAsync() => await _disk.Delete();

    [Fact]
    public async Task A_full_disk_is_known_and_when_there_is_room_again_everything_goes_on_and_nothing_is_doubled()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        var acknowledged = await StartedWithTwenty(host);
        await Fill();
        await Eventually.Is(async () => !await host.IsReady());
        Assert.True(await host.IsLive());
        var refused = Enumerable.Range(21, 5).Select(Interaction).ToArray();
        foreach (var command in refused)
        {
            Assert.False(await host.TryAccepted(RouteOf(command), command));
        }

        File.Delete(Path.Combine(_folder, "filling"));
        await Eventually.Is(host.IsReady);
        foreach (var command in refused.Concat(acknowledged.ToArray()))
        {
            await Accepted(host, command, acknowledged);
        }

        var user = await host.Get<UserReply>("/training/users/user-1");
        Assert.Equal(25, user.SamplesAccepted);
        await host.KillNine();
        await host.Start();
        Assert.Equal(25, (await host.Get<UserReply>("/training/users/user-1")).SamplesAccepted);
    }

    [Fact]
    public async Task A_node_that_finds_no_space_says_so_at_its_start()
    {
        await Fill();
        await using var node = new HostRun(_folder, ["up"]);
        var (code, errors) = await node.Ended();

        Assert.Equal(1, code);
        Assert.Matches("(?i)no space left|out of space", errors);
        Assert.DoesNotContain("another node", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_file_system_is_called_that()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await LocalServer.Run("mount", "-o", "remount,ro", _folder);
        await using var node = new HostRun(_folder, ["up"]);
        var (code, errors) = await node.Ended();

        Assert.Equal(1, code);
        Assert.Contains("cannot be written to: Read-only file system", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_that_is_met_while_a_node_runs_is_known()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        await StartedWithTwenty(host);
        await using (var own = new SqliteConnection($"Data Source={Path.Combine(data, "ralm.db")};Pooling=False"))
        {
            await own.OpenAsync();
            await using var checkpoint = own.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await checkpoint.ExecuteNonQueryAsync();
        }

        await using (
            var file = new FileStream(
                Path.Combine(data, "ralm.db"),
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite
            )
        )
        {
            var all = new byte[file.Length - 4096];
            file.Position = 4096;
            await file.ReadExactlyAsync(all);
            file.Position = 4096;
            await file.WriteAsync(all.Select(b => (byte)~b).ToArray());
        }

        // Reads of entities that are not in memory, and writes, come upon it.
        await Eventually.Is(async () =>
        {
            await host.TryGet($"/training/users/user-{Guid.NewGuid():N}");
            return !await host.IsReady();
        });
        Assert.True(await host.IsLive());
    }

    /// <summary>To the last byte.</summary>
    private async Task Fill()
    {
        await using var file = new FileStream(
            Path.Combine(_folder, "filling"),
            FileMode.Create,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0
        );
        var block = new byte[4096];
        try
        {
            while (true)
            {
                await file.WriteAsync(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task<List<RecordInteraction>> StartedWithTwenty(HostProcess host)
    {
        await host.Start();
        List<RecordInteraction> acknowledged = [];
        for (var n = 1; n <= 20; n++)
        {
            await Accepted(host, Interaction(n), acknowledged);
        }

        return acknowledged;
    }

    private static async Task Accepted(
        HostProcess host,
        RecordInteraction command,
        List<RecordInteraction> acknowledged
    )
    {
        await host.Accepted(RouteOf(command), command);
        if (!acknowledged.Contains(command))
        {
            acknowledged.Add(command);
        }
    }

    internal static string RouteOf(RecordInteraction command) => $"/training/users/{command.UserId}/interactions";

    internal static RecordInteraction Interaction(int n) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"swipe-{n}" },
            UserId = "user-1",
            CandidateId = $"candidate-{n}",
            User = AgeCity.Person(20),
            Candidate = AgeCity.Person(20 + n),
            Label = 1,
        };
}
