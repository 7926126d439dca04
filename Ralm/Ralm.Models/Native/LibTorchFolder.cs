using System.Reflection;
using System.Runtime.InteropServices;

namespace Ralm.Models.Native;

/// <summary>Where libtorch lies on this machine.</summary>
/// <param name="Path">The folder with the shared libraries.</param>
/// <param name="Origin">Why this one: which place of the search order it was found in.</param>
/// <param name="HasCuda">It has the CUDA libraries.</param>
public sealed record LibTorchFolder(string Path, string Origin, bool HasCuda)
{
    /// <summary>Environment variable: a folder with libtorch's shared libraries, for GPU hosts and own builds.</summary>
    public const string Variable = "RALM_LIBTORCH";

    /// <summary>The release TorchSharp was built against: another one loads, and then misbehaves.</summary>
    public static string Version { get; } = Metadata("LibTorchVersion") ?? "";

    /// <summary>
    /// First hit of: RALM_LIBTORCH, beside the program, its libtorch/ (a publish), its runtimes/ (a package of the program), the
    /// package folder.
    /// </summary>
    /// <exception cref="LibTorchException">No place has it; the message names the places.</exception>
    public static LibTorchFolder Find()
    {
        if (NativeEnvironment.Get(Variable) is { Length: > 0 } chosen)
        {
            return Probe(chosen, Variable)
                ?? throw new LibTorchException($"{Variable}={chosen} holds no {FileName("torch_cpu")}");
        }

        (string? Path, string Origin)[] places =
        [
            (AppContext.BaseDirectory, "beside the program"),
            (System.IO.Path.Combine(AppContext.BaseDirectory, "libtorch"), "published with the program"),
            (System.IO.Path.Combine(AppContext.BaseDirectory, "runtimes", Rid, "native"), "a package of the program"),
            (Metadata("LibTorchFolder"), "package folder"),
        ];
        return places.Select(p => Probe(p.Path, p.Origin)).FirstOrDefault(found => found is not null)
            ?? throw new LibTorchException(
                $"libtorch {Version} was not found in {string.Join(", ", places.Select(p => p.Path ?? "-"))}; "
                    + $"run dotnet restore, or set {Variable} to a folder with {FileName("torch_cpu")}"
            );
    }

    /// <summary>Loads what TorchSharp's library is linked against; the system's loader then finds it by its name.</summary>
    public void Load()
    {
        var names = Directory
            .EnumerateFiles(Path)
            .Where(f => System.IO.Path.GetFileName(f) is var n && (n.Contains("gomp") || n.Contains("iomp5")))
            .Concat(((string[])["c10", "torch_cpu", "torch"]).Select(n => System.IO.Path.Combine(Path, FileName(n))));
        foreach (var file in names.Where(File.Exists))
        {
            try
            {
                NativeLibrary.Load(file);
            }
            catch (DllNotFoundException e)
            {
                throw new LibTorchException($"{file} does not load: {e.Message}", e);
            }
        }
    }

    private static LibTorchFolder? Probe(string? path, string origin) =>
        path is not null && File.Exists(System.IO.Path.Combine(path, FileName("torch_cpu")))
            ? new(path, origin, File.Exists(System.IO.Path.Combine(path, FileName("torch_cuda"))))
            : null;

    private static string Rid =>
        OperatingSystem.IsWindows() ? "win-x64"
        : OperatingSystem.IsMacOS() ? "osx-arm64"
        : "linux-x64";

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{library}.dylib"
        : $"lib{library}.so";

    private static string? Metadata(string key) =>
        typeof(LibTorchFolder)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => a.Key == key)
            ?.Value;
}
