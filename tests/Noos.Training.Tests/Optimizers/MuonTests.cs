using Noos.Training.Optimizers;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Optimizers;

public sealed class MuonTests
{
    [Theory]
    [InlineData(32, 32)]
    [InlineData(24, 64)]
    [InlineData(64, 24)]
    public void Orthogonalize_drives_all_singular_values_near_one(int rows, int columns)
    {
        TorchRuntime.Initialize();
        manual_seed(2);
        using var scope = NewDisposeScope();

        var singular = linalg.svdvals(Muon.Orthogonalize(randn(rows, columns)));

        Assert.InRange(singular.min().item<float>(), 0.3f, 1.3f);
        Assert.InRange(singular.max().item<float>(), 0.7f, 1.3f);
    }
}
