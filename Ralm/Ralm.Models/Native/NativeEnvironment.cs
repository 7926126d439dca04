using System.Runtime.InteropServices;

namespace Ralm.Models.Native;

/// <summary>What native libraries read while they are loaded, and .NET cannot tell them by itself.</summary>
internal static partial class NativeEnvironment
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    /// <summary>
    /// One OpenMP thread that sleeps while it waits: with the default active wait a second thread spins the core away
    /// from the actors, and at mini-batch size it computes nothing faster. What the user has set stays.
    /// </summary>
    public static void Calm()
    {
        Set("OMP_NUM_THREADS", "1");
        Set("MKL_NUM_THREADS", "1");
        Set("OMP_WAIT_POLICY", "passive");
        if (OperatingSystem.IsLinux())
        {
            // A mini-batch's intermediate tensors are a few hundred kB: above glibc's default threshold each would be
            // mapped, zeroed page by page and unmapped again.
            _ = mallopt(MmapThreshold, 64 * 1024 * 1024);
            _ = mallopt(TrimThreshold, 256 * 1024 * 1024);
            // Other threads than the first allocate from heaps of 64 MB. A step of a model with seeds needs more than one, and
            // without this an empty one is given back after every step. Pages nobody has written to cost nothing.
            _ = mallopt(TopPad, 64 * 1024 * 1024);
        }
    }

    /// <summary>The value as native code sees it; <c>null</c> when unset.</summary>
    public static string? Get(string name) =>
        OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable(name) : Marshal.PtrToStringUTF8(getenv(name));

    private static void Set(string name, string value)
    {
        if (Get(name) is not null)
        {
            return;
        }

        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps a copy of its own; getenv in a native library sees only this.
            _ = setenv(name, value, 1);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint getenv(string name);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mallopt(int parameter, int value);
}
