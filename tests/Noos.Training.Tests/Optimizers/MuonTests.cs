using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Tests.Kernels;
using Noos.Training.Tests.Runs;
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

    [Theory]
    [MemberData(nameof(KernelsOfThisMachine.Names), MemberType = typeof(KernelsOfThisMachine))]
    public void Step_changes_every_matrix_by_an_orthogonal_one_whatever_the_number_of_workers(string kernel)
    {
        const double Rate = 0.02;
        var options = KernelsOfThisMachine.Options(kernel);
        using var before = Start();
        using var alone = Step(options, workers: 1);
        using var together = Step(options, workers: 3);

        Assert.Equal(alone.Bytes.ToArray(), together.Bytes.ToArray());
        using var scope = NewDisposeScope();
        foreach (var slot in before.Layout.Slots.Where(slot => slot.Decays))
        {
            // The update is the rate times an orthogonal matrix, larger where there are more rows than columns.
            var update = (Parameters.View(before.Values, slot) - Parameters.View(alone.Values, slot))
                / (Rate * Math.Sqrt(Math.Max(1.0, (double)slot.Rows / slot.Columns)));
            var singular = linalg.svdvals(update);
            Assert.InRange(singular.max().item<float>(), 0.7f, 1.35f);
            Assert.InRange(singular.mean().item<float>(), 0.6f, 1.2f);
        }

        static Parameters Start()
        {
            var parameters = new Parameters(TinyTraining.Plan.Model);
            parameters.Initialize(7);
            return parameters;
        }

        static Parameters Step(ProductOptions options, int workers)
        {
            var parameters = Start();
            manual_seed(5);
            using var gradients = randn(parameters.Layout.Length);
            using var muon = new Muon(
                parameters, gradients, new MuonOptions { LearningRate = Rate }, new AdamWOptions(), options, workers);
            muon.Step(1);
            return parameters;
        }
    }
}
