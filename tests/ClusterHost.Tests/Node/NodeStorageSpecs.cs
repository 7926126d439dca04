using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Node;

/// <summary>What a node finds in its folder before it starts, called by its true name.</summary>
public sealed class NodeStorageSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-storage-").FullName;

    private string File => Path.Combine(_folder, "ralm.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_new_folder_and_its_second_start_are_right()
    {
        var first = await Opened();
        Assert.Equal(first, await Opened());
        Assert.Equal(first, FolderMark.In(_folder).ClusterId);
    }

    [Theory]
    [InlineData(true, "is empty, but this data folder belongs to cluster")]
    [InlineData(false, "is missing, but this data folder belongs to cluster")]
    public async Task An_emptied_database_is_refused(bool keepsFile, string says)
    {
        await Opened();
        Empty(keepsFile);
        await Refused(says);
        await Refused(says);
        System.IO.File.Delete(Path.Combine(_folder, FolderMark.Name));
        await Opened();
    }

    [Fact]
    public async Task Models_without_a_database_are_refused()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "models", "abc"));
        await Refused("is missing, but there are models in");
    }

    [Fact]
    public async Task Another_clusters_database_is_refused()
    {
        await Opened();
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, FolderMark.Name), "somebody");
        await Refused("belongs to cluster somebody, the database to cluster");
    }

    [Fact]
    public async Task A_newer_releases_database_is_refused()
    {
        await Opened();
        await Execute("UPDATE ralm_cluster SET format = 99");
        await Refused("was written by a newer release");
    }

    [Fact]
    public async Task What_is_no_database_is_called_that()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 10_000));
        await Refused("is not a database");
    }

    [Fact]
    public async Task A_truncated_database_is_called_damaged()
    {
        await Filled();
        await using (var file = new FileStream(File, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        await Refused("damaged");
    }

    [Fact]
    public async Task Flipped_pages_are_called_damaged()
    {
        await Filled();
        await using (var file = new FileStream(File, FileMode.Open))
        {
            var pages = new byte[8 * 4096];
            file.Position = 20 * 4096;
            await file.ReadExactlyAsync(pages);
            file.Position = 20 * 4096;
            await file.WriteAsync(pages.Select(b => (byte)~b).ToArray());
        }

        await Refused("damaged (quick_check:");
    }

    [Fact]
    public async Task What_a_node_keeps_is_for_its_owner_alone_and_what_was_open_is_closed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights");
            return;
        }

        System.IO.File.SetUnixFileMode(_folder, OwnerOnly.FolderMode | UnixFileMode.OtherRead);
        await using var node = await TestNode.Start(folder: _folder);
        await node.Ready();

        Assert.Equal(OwnerOnly.FolderMode, System.IO.File.GetUnixFileMode(_folder));
        foreach (var name in new[] { "ralm.db", "ralm.db-wal", "ralm.db-shm", "node.lock", FolderMark.Name })
        {
            Assert.Equal(OwnerOnly.FileMode, System.IO.File.GetUnixFileMode(Path.Combine(_folder, name)));
        }
    }

    [Fact]
    public async Task Two_folders_cannot_share_one_file()
    {
        var other = Directory.CreateTempSubdirectory("ralm-storage-").FullName;
        try
        {
            var (storage, _) = await NodeStorage.Open(Settings(_folder, File), _ => { }, CancellationToken.None);
            using (storage)
            {
                var both = Settings(other, Path.Combine(_folder, "shared", "ralm.db"));
                var (first, _) = await NodeStorage.Open(both, _ => { }, CancellationToken.None);
                using (first)
                {
                    var third = Settings(Path.Combine(other, "sub"), Path.Combine(_folder, "shared", "ralm.db"));
                    var refused = await Assert.ThrowsAsync<StartRefusedException>(() =>
                        NodeStorage.Open(third, _ => { }, CancellationToken.None)
                    );
                    Assert.Contains("is used by another node", refused.Message, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    /// <summary>It is in the folder of the node that runs, and named by another one.</summary>
    [Fact]
    public async Task The_database_of_a_running_node_is_refused_to_a_node_of_another_folder()
    {
        var other = Directory.CreateTempSubdirectory("ralm-storage-").FullName;
        try
        {
            var (storage, _) = await NodeStorage.Open(Settings(_folder), _ => { }, CancellationToken.None);
            using (storage)
            {
                var refused = await Assert.ThrowsAsync<StartRefusedException>(() =>
                    NodeStorage.Open(
                        Settings(other, Path.Combine(_folder, "ralm.db")),
                        _ => { },
                        CancellationToken.None
                    )
                );
                Assert.Contains("is used by another node", refused.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    private static RalmSettings Settings(string folder, string? file = null)
    {
        var written = new Dictionary<string, string>(StringComparer.Ordinal) { ["RALM__NODE__DATA_PATH"] = folder };
        if (file is not null)
        {
            written["RALM__PERSISTENCE__CONNECTION_STRING"] = $"Data Source={file};Pooling=False";
        }

        return RalmSettings.Read(WrittenSettings.From(written));
    }

    private async Task<string> Opened()
    {
        var (storage, claim) = await NodeStorage.Open(Settings(_folder), _ => { }, CancellationToken.None);
        storage.Dispose();
        SqliteConnection.ClearAllPools();
        return claim.ClusterId;
    }

    private async Task Refused(string says)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(Opened);
        SqliteConnection.ClearAllPools();
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private void Empty(bool keepsFile)
    {
        foreach (var side in new[] { File, $"{File}-wal", $"{File}-shm" })
        {
            System.IO.File.Delete(side);
        }

        if (keepsFile)
        {
            System.IO.File.WriteAllText(File, "");
        }
    }

    /// <summary>With rows enough for a tree of pages.</summary>
    private async Task Filled()
    {
        await Opened();
        await Execute(
            "CREATE TABLE filled (id INTEGER PRIMARY KEY, name TEXT UNIQUE, text TEXT);"
                + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                + "INSERT INTO filled SELECT i, 'name-' || i, hex(randomblob(60)) FROM n;"
                + "PRAGMA wal_checkpoint(TRUNCATE);"
        );
    }

    private async Task Execute(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
