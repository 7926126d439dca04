using TorchSharp;

namespace Ralm.Models.Native;

/// <summary>libtorch cannot be used on this machine; the message says what is missing and how to get it.</summary>
public sealed class LibTorchException : Exception
{
    public LibTorchException(string message)
        : base(message) { }

    public LibTorchException(string message, Exception inner)
        : base(message, inner) { }

    public LibTorchException() { }
}

/// <summary>The native library, loaded once per process, before the first tensor.</summary>
public static class LibTorch
{
    private static readonly Lazy<LibTorchFolder> Loaded = new(LoadOnce);

    /// <summary>Loads it, or does nothing when it is there. Call it before anything else of TorchSharp.</summary>
    /// <exception cref="LibTorchException">It is missing or does not fit this machine.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>GPUs that can be trained on: 0 without CUDA libraries, driver or device.</summary>
    public static int CudaDevices => Loaded.Value.HasCuda ? torch.cuda.device_count() : 0;

    /// <summary>One line for a person: what was found and where, or what is missing.</summary>
    public static string Describe()
    {
        try
        {
            var folder = Loaded.Value;
            return $"libtorch {LibTorchFolder.Version} from {folder.Path} ({folder.Origin}); "
                + $"{torch.get_num_threads()} thread, OMP_WAIT_POLICY={NativeEnvironment.Get("OMP_WAIT_POLICY")}; "
                + (CudaDevices is > 0 and var n ? $"{n} CUDA device(s)" : "CPU only");
        }
        catch (LibTorchException e)
        {
            return $"libtorch is not usable: {e.Message}";
        }
    }

    private static LibTorchFolder LoadOnce()
    {
        if (CxxRuntime.Complaint() is { } complaint)
        {
            throw new LibTorchException(complaint);
        }

        NativeEnvironment.Calm();
        var folder = LibTorchFolder.Find();
        folder.Load();
        try
        {
            torch.InitializeDeviceType(folder.HasCuda ? DeviceType.CUDA : DeviceType.CPU);
            torch.set_num_threads(1);
            torch.set_num_interop_threads(1);
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            throw new LibTorchException($"TorchSharp does not start with {folder.Path}: {e.Message}", e);
        }

        return folder;
    }
}
