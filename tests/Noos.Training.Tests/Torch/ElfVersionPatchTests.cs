using Noos.Training.Torch;

namespace Noos.Training.Tests.Torch;

public sealed class ElfVersionPatchTests
{
    [Fact]
    public void Relax_changes_a_library_once_and_loading_it_changes_no_file()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        var original = File.ReadAllBytes(path);
        var relaxed = original.ToArray();

        TorchRuntime.Initialize();

        Assert.Equal(original, File.ReadAllBytes(path));
        Assert.True(ElfVersionPatch.Relax(relaxed));
        Assert.NotEqual(original, relaxed);
        Assert.False(ElfVersionPatch.Relax(relaxed));
    }
}
