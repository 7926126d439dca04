using System.Globalization;
using Ralm.Models.Native;
using static TorchSharp.torch;

namespace Ralm.Models.Tensors;

/// <summary>Devices by name.</summary>
internal static class Devices
{
    /// <param name="name">cpu, or cuda:N with N below the number of devices.</param>
    /// <exception cref="ArgumentException">Not such a name, or no such device here.</exception>
    public static Device Parse(string name)
    {
        LibTorch.EnsureLoaded();
        if (name == "cpu")
        {
            return CPU;
        }

        return
            name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < LibTorch.CudaDevices
            ? device(TorchSharp.DeviceType.CUDA, index)
            : throw new ArgumentException(
                $"device \"{name}\" must be cpu or cuda:N; this machine has {LibTorch.CudaDevices} CUDA device(s)",
                nameof(name)
            );
    }
}
