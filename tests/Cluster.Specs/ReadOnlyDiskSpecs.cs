using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>A file system that the kernel makes read-only under a running node, as it does after an error of the disk.</summary>
public sealed class ReadOnlyDiskSpecs : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-readonly-").FullName;
    private bool _isMounted;

    private string Disk => Path.Combine(_folder, "disk");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.UserName == "root",
            "mounting a disk of its own needs root on Linux"
        );
        try
        {
            var image = Path.Combine(_folder, "image");
            await using (var file = File.Create(image))
            {
                file.SetLength(32 * 1024 * 1024);
            }

            await LocalServer.Run("mkfs.ext4", "-q", "-F", image);
            await LocalServer.Run("mount", "-o", "loop", image, Directory.CreateDirectory(Disk).FullName);
            _isMounted = true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"a disk of its own cannot be mounted here: {e.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            await LocalServer.Run("umount", "-l", Disk);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_node_whose_disk_becomes_read_only_is_not_ready_and_acknowledges_nothing()
    {
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(Disk, "data")).FullName);
        await host.Start();
        await host.Accepted(Route, Interaction(1));

        await LocalServer.Run("mount", "-o", "remount,abort", Disk);

        await Eventually.Is(async () => !await host.IsReady());
        Assert.True(await host.IsLive());
        Assert.False(await host.TryAccepted(Route, Interaction(2)));
    }

    private const string Route = "/training/users/user-1/interactions";

    private static RecordInteraction Interaction(int n) =>
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
