using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ralm.Models.Native;

namespace RalmActors.ClusterHost.Doctor;

/// <summary>What can be seen of this machine without changing it.</summary>
public static class Machine
{
    private const string NeededSymbols = "GLIBCXX_3.4.32";
    private const long NeededBytes = 2L * 1024 * 1024 * 1024;

    public static CheckResult Runtime() =>
        new(
            "runtime",
            Environment.Version.Major >= 10,
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"
        );

    public static CheckResult Processor() =>
        new(
            "processor",
            true,
            $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB memory"
        );

    /// <summary>TorchSharp's native library was built with GCC 13 and needs its symbols.</summary>
    public static CheckResult CppLibrary()
    {
        if (!OperatingSystem.IsLinux())
        {
            return new CheckResult("libstdc++", true, "comes with the system");
        }

        string[] folders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib"];
        var file = folders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).FirstOrDefault(File.Exists);
        if (file is null)
        {
            return new CheckResult("libstdc++", false, "not found; install libstdc++6");
        }

        var has = File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(NeededSymbols)) >= 0;
        return new CheckResult(
            "libstdc++",
            has,
            has ? $"{file} has {NeededSymbols}" : $"{file} lacks {NeededSymbols}; ./ralm up mends it on Debian 12"
        );
    }

    public static CheckResult Torch()
    {
        try
        {
            LibTorch.EnsureLoaded();
            return new CheckResult("libtorch", true, LibTorch.Describe());
        }
        catch (LibTorchException e)
        {
            return new CheckResult("libtorch", false, e.Message);
        }
    }

    public static CheckResult Gpu()
    {
        const string driver = "/proc/driver/nvidia/version";
        return File.Exists(driver)
            ? new CheckResult("gpu", true, File.ReadLines(driver).First())
            : new CheckResult("gpu", null, "no NVIDIA driver; models train on the processor");
    }

    public static CheckResult Disk(string path)
    {
        var folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        var free = new DriveInfo(folder).AvailableFreeSpace;
        return new CheckResult(
            "disk",
            free >= NeededBytes,
            $"{free >> 20} MiB free at {folder}, {NeededBytes >> 20} needed"
        );
    }

    public static CheckResult Port(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return new CheckResult("port", false, $"{url} is not an address");
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, uri.Port);
            listener.Start();
            return new CheckResult("port", true, $"{uri.Port} is free");
        }
        catch (SocketException)
        {
            return new CheckResult("port", false, $"{uri.Port} is taken; choose another with --urls");
        }
    }
}
