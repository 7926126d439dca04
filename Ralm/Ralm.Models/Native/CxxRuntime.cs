using System.Runtime.InteropServices;

namespace Ralm.Models.Native;

/// <summary>
/// The C++ runtime of this machine. TorchSharp's library needs one symbol of GLIBCXX_3.4.32 (GCC 13); without it the
/// system's loader fails with a message that blames something else, so it is looked for beforehand.
/// </summary>
internal static class CxxRuntime
{
    public const string Needed = "GLIBCXX_3.4.32";

    private const string NewestSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>What is wrong with it in one sentence, with the remedy; <c>null</c> when it will do.</summary>
    public static string? Complaint()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        if (!NativeLibrary.TryLoad("libstdc++.so.6", out var library))
        {
            return "libstdc++.so.6 is not installed: apt-get install libstdc++6 (or your system's package of that name)";
        }

        return HasVersion(library)
            ? null
            : $"libstdc++.so.6 lacks {Needed}, which TorchSharp needs (GCC 13 or later: Ubuntu 24.04, Debian 13, Fedora 39). "
                + "On Debian 12: add the trixie suite at priority 100, then apt-get install -t trixie libstdc++6";
    }

    private static unsafe bool HasVersion(nint library)
    {
        var symbol = Marshal.StringToCoTaskMemUTF8(NewestSymbol);
        var version = Marshal.StringToCoTaskMemUTF8(Needed);
        try
        {
            var find = (delegate* unmanaged<nint, nint, nint, nint>)VersionedLookup();
            return find is null || find(library, symbol, version) != 0;
        }
        finally
        {
            Marshal.FreeCoTaskMem(symbol);
            Marshal.FreeCoTaskMem(version);
        }
    }

    // dlvsym sits in libc since glibc 2.34, before that in libdl.
    private static nint VersionedLookup()
    {
        foreach (var name in (ReadOnlySpan<string>)["libc.so.6", "libdl.so.2"])
        {
            if (
                NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "dlvsym", out var f)
            )
            {
                return f;
            }
        }

        return 0;
    }
}
