using Noos.Training.Torch;

namespace Noos.Training.Tests.Torch;

public sealed class ElfVersionPatchTests
{
    [Fact]
    public void Library_in_the_output_loads_and_is_relaxed_only_once()
    {
        TorchRuntime.Initialize();
        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

        Assert.False(ElfVersionPatch.Relax(library));
    }
}
