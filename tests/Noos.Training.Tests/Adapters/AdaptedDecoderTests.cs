using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Adapters;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Tests.Kernels;

namespace Noos.Training.Tests.Adapters;

public sealed unsafe class AdaptedDecoderTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public static TheoryData<string, GgufTensorType, string> Variants()
    {
        var data = new TheoryData<string, GgufTensorType, string>();
        foreach (var shape in new[] { "tiny-llama", "tiny-llama-biased", "tiny-qwen2", "tiny-qwen3", "tiny-gemma3" })
        {
            data.Add(shape, GgufTensorType.Q8_0, KernelsOfThisMachine.NameOf(KernelsOfThisMachine.All[0]));
        }

        foreach (var kernel in KernelsOfThisMachine.All)
        {
            data.Add("tiny-qwen3", GgufTensorType.Q4_0, KernelsOfThisMachine.NameOf(kernel));
        }

        data.Add("tiny-llama", GgufTensorType.BF16, KernelsOfThisMachine.NameOf(KernelsOfThisMachine.All[0]));
        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gradient_equals_autograd(string shapeName, GgufTensorType type, string kernelName)
    {
        var kernel = KernelsOfThisMachine.Find(kernelName);
        var shape = SmallDecoder.Shape(shapeName);
        var path = SmallDecoder.Write(_folder.Path, shape, type);
        using var model = FrozenDecoder.Open(path, new LoraOptions { Rank = 5, Alpha = 12 });
        using var parameters = SmallDecoder.Parameters(model);
        using var reference = new AutogradDecoder(path, shape, parameters, 12.0 / 5);
        TrainingRow[] rows = [SmallDecoder.Row(37, 1), SmallDecoder.Row(70, 2, isWeighted: true), SmallDecoder.Row(1, 3)];

        var expectedLoss = rows.Sum(row => reference.AddGradient(row, 0.02f));
        var (loss, gradient) = Compute(model, parameters, kernel, rows, 0.02f);

        var tolerance = kernel.Precision == Precision.Bf16 ? 3e-2 : 1e-4;
        Assert.Equal(expectedLoss, loss, tolerance: tolerance * expectedLoss);
        Assert.Equal(shape.BlockCount * 7, model.Slots.Count);
        foreach (var slot in model.Slots)
        {
            var (a, b) = reference.Gradient(slot.Name);
            AssertSimilar(a, gradient.AsSpan((int)slot.OffsetA, a.Length), tolerance, slot.NameOfA);
            AssertSimilar(b, gradient.AsSpan((int)slot.OffsetB, b.Length), tolerance, slot.NameOfB);
        }
    }

    [Fact]
    public void Recomputed_activations_give_the_same_bits()
    {
        var path = SmallDecoder.Write(_folder.Path, SmallDecoder.Shape("tiny-gemma3"));
        using var model = FrozenDecoder.Open(path, new LoraOptions { Dropout = 0.2 });
        using var parameters = SmallDecoder.Parameters(model);
        TrainingRow[] rows = [SmallDecoder.Row(40, 1), SmallDecoder.Row(17, 2)];
        var kernel = KernelsOfThisMachine.All[0];

        var kept = Compute(model, parameters, kernel, rows, 1);
        var again = Compute(model, parameters, kernel, rows, 1, recompute: true);

        Assert.Equal(kept.Loss, again.Loss);
        Assert.Equal(kept.Gradient, again.Gradient);
    }

    [Fact]
    public void Dropout_gradient_is_that_of_the_same_dropped_pass()
    {
        var path = SmallDecoder.Write(_folder.Path, SmallDecoder.Shape("tiny-qwen3"), GgufTensorType.F32);
        using var model = FrozenDecoder.Open(path, new LoraOptions { Dropout = 0.3 });
        using var parameters = SmallDecoder.Parameters(model);
        TrainingRow[] rows = [SmallDecoder.Row(40, 1)];
        var kernel = KernelsOfThisMachine.Find("portable-fp32");
        var (_, gradient) = Compute(model, parameters, kernel, rows, 1);
        using var direction = SmallDecoder.Parameters(model, seed: 9);

        // Along a direction the loss changes by gradient · direction; dropout leaves the same out on both sides.
        double expected = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            expected += gradient[i] * direction.Values[i];
        }

        var difference = LossAt(+1) - LossAt(-1);
        Assert.Equal(expected, difference / 2e-3, tolerance: 2e-2 * Math.Max(1, Math.Abs(expected)));

        double LossAt(int sign)
        {
            using var moved = SmallDecoder.Parameters(model);
            for (var i = 0; i < moved.Length; i++)
            {
                moved.Values[i] += sign * 1e-3f * direction.Values[i];
            }

            return Compute(model, moved, kernel, rows, 1).Loss;
        }
    }

    [Fact]
    public void Rows_do_not_see_each_other()
    {
        var path = SmallDecoder.Write(_folder.Path, SmallDecoder.Shape("tiny-llama"));
        using var model = FrozenDecoder.Open(path, new LoraOptions());
        using var parameters = SmallDecoder.Parameters(model);
        var kernel = KernelsOfThisMachine.All[0];
        TrainingRow[] rows = [SmallDecoder.Row(33, 1), SmallDecoder.Row(20, 2)];

        var together = Compute(model, parameters, kernel, rows, 1).Loss;
        var apart = rows.Sum(row => Compute(model, parameters, kernel, [row], 1).Loss);

        Assert.Equal(apart, together, tolerance: 1e-4 * apart);
    }

    public void Dispose() => _folder.Dispose();

    static (double Loss, float[] Gradient) Compute(
        FrozenDecoder model, LoraParameters parameters, TileKernel kernel, TrainingRow[] rows, float scale, bool recompute = false)
    {
        using var gradients = new LoraParameters(model.Slots);
        using var decoder = new AdaptedDecoder(
            model, parameters.Values, gradients.Values, kernel, new AdaptedDecoderOptions(72, 128, recompute, 7));
        var loss = decoder.AddGradient([.. rows.Select((row, number) => new AdapterRow(row, number))], scale);
        return (loss, new ReadOnlySpan<float>(gradients.Values, (int)gradients.Length).ToArray());
    }

    static void AssertSimilar(float[] expected, ReadOnlySpan<float> actual, double tolerance, string name)
    {
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        Assert.True(norm > 0, $"The gradient of {name} is zero.");
        Assert.True(
            Math.Sqrt(difference) <= tolerance * Math.Sqrt(norm), $"{name} differs by {Math.Sqrt(difference / norm):g3} of its length.");
    }
}
