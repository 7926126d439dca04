using System.ComponentModel;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>A file system that the kernel makes read-only under a running node, as it does after an error of the disk.</summary>
public sealed class ReadOnlyDiskSpecs : IAsyncLifetime
{
    private readonly string _folder;
    private readonly OwnDisk _disk;

    public ReadOnlyDiskSpecs()
    {
        _folder = Directory.CreateTempSubdirectory("ralm-readonly-").FullName;
        _disk = new OwnDisk(_folder);
    }

    private static RecordInteraction Kept => DiskFullSpecs.Interaction(1);

    private static RecordInteraction Refused => DiskFullSpecs.Interaction(2);

    private string Disk => Path.Combine(_folder, "disk");

    public async ValueTask InitializeAsync() =>
        await _disk.Mount(async () =>
        {
            var image = Path.Combine(_folder, "image");
            await using (var file = File.Create(image))
            {
                file.SetLength(32 * 1024 * 1024);
            }

            try
            {
                await LocalServer.Run("mkfs.ext4", "-q", "-F", image);
            }
            catch (Win32Exception e)
            {
                throw new InvalidOperationException($"mkfs.ext4: {e.Message}", e);
            }

            await LocalServer.Run("mount", "-o", "loop", image, Directory.CreateDirectory(Disk).FullName);
            return Disk;
        });

    public async ValueTask DisposeAsync() => await _disk.Delete();

    [Fact]
    public async Task A_node_whose_disk_becomes_read_only_is_not_ready_and_acknowledges_nothing()
    {
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(Disk, "data")).FullName);
        await host.Start();
        await host.Accepted(DiskFullSpecs.RouteOf(Kept), Kept);

        await LocalServer.Run("mount", "-o", "remount,abort", Disk);

        await Eventually.Is(async () => !await host.IsReady());
        Assert.True(await host.IsLive());
        Assert.False(await host.TryAccepted(DiskFullSpecs.RouteOf(Refused), Refused));
    }
}
