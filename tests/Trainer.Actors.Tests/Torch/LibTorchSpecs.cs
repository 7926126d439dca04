using Ralm.Models.Native;
using Xunit;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class LibTorchSpecs
{
    [Fact]
    public void It_loads_from_the_package_folder_with_one_calm_thread()
    {
        var line = LibTorch.Describe();

        Assert.Contains("2.10.0", line);
        Assert.Contains("1 thread", line);
        Assert.Contains("OMP_WAIT_POLICY=passive", line);
        Assert.Equal(1, get_num_threads());
    }

    [Fact]
    public void No_output_folder_carries_a_copy_of_it() =>
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch_cpu*", SearchOption.AllDirectories));
}
