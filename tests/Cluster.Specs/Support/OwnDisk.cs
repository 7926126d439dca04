using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>A small file system of a spec's own. Where none can be mounted the spec is skipped, and says why.</summary>
/// <param name="folder">Deleted at the end.</param>
public sealed class OwnDisk(string folder)
{
    private string? _mounted;

    /// <param name="mount">Mounts it, and says where; InvalidOperationException: it cannot be.</param>
    public async Task Mount(Func<Task<string>> mount)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.UserName == "root",
            "mounting a disk of its own needs root on Linux"
        );
        try
        {
            _mounted = await mount();
        }
        catch (InvalidOperationException e)
        {
            Assert.Skip($"a disk of its own cannot be mounted here: {e.Message}");
        }
    }

    public async Task Delete()
    {
        if (_mounted is not null)
        {
            await LocalServer.Run("umount", "-l", _mounted);
        }

        Directory.Delete(folder, recursive: true);
    }
}
