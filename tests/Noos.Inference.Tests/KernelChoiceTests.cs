using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests;

public sealed class KernelChoiceTests
{
    [Fact]
    public void Kernels_are_no_faster_than_allowed()
    {
        foreach (var highest in Enum.GetValues<KernelTier>())
        {
            Assert.True(PanelKernels.Best(GgufTensorType.Q4_K, highest)!.Tier <= highest);
        }

        Assert.Equal(KernelTier.Portable, PanelKernels.Best(GgufTensorType.Q8_0, KernelTier.Portable)!.Tier);
        Assert.Equal("portable", KernelChoice.NameInUse(KernelTier.Portable));
        Assert.Contains(KernelChoice.NameInUse(KernelTier.Avx512Vnni), KernelChoice.Names);
    }

    [Fact]
    public void Names_of_kernels_are_checked()
    {
        Assert.Equal(Enum.GetValues<KernelTier>(), KernelChoice.Names.Select(KernelChoice.Parse));
        Assert.Equal(KernelTier.Avx512Vnni, KernelChoice.Parse(null));
        Assert.Equal(KernelTier.Avx2, KernelChoice.Parse("AVX2"));
        Assert.Contains("avx2", Assert.Throws<NoosException>(() => KernelChoice.Parse("sse")).Message, StringComparison.Ordinal);
    }
}
