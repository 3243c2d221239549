using Noos.Training.Kernels;
using Noos.Training.Optimizers;
using Noos.Training.Tests.Kernels;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Optimizers;

public sealed class MuonTests
{
    static MuonTests() => TorchRuntime.Initialize();

    [Theory]
    [InlineData(32, 32)]
    [InlineData(24, 64)]
    [InlineData(64, 24)]
    public void Orthogonalize_drives_all_singular_values_near_one(int rows, int columns)
    {
        manual_seed(2);
        using var scope = NewDisposeScope();

        var singular = linalg.svdvals(Muon.Orthogonalize(randn(rows, columns)));

        Assert.InRange(singular.min().item<float>(), 0.3f, 1.3f);
        Assert.InRange(singular.max().item<float>(), 0.7f, 1.3f);
    }

    [Theory]
    [MemberData(nameof(KernelsOfThisMachine.Names), MemberType = typeof(KernelsOfThisMachine))]
    public unsafe void Newton_Schulz_of_every_kernel_equals_that_of_tensors(string kernel)
    {
        using var iteration = new NewtonSchulz(KernelsOfThisMachine.Find(kernel));
        var isRounded = KernelsOfThisMachine.Options(kernel).Precision == Precision.Bf16;
        foreach (var (rows, columns) in new[] { (48, 96), (70, 33), (16, 16) })
        {
            manual_seed(3);
            using var matrix = randn(rows, columns);
            using var expected = Muon.Orthogonalize(matrix);
            fixed (byte* values = matrix.bytes)
            {
                iteration.Orthogonalize((float*)values, rows, columns);
            }

            using var difference = matrix - expected;
            using var norm = difference.norm();
            using var whole = expected.norm();
            Assert.InRange(norm.item<float>() / whole.item<float>(), 0, isRounded ? 0.1f : 1e-4f);
        }
    }
}
