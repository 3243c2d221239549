using Noos.Inference.Kernels;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests;

public sealed unsafe class KernelTests
{
    public static TheoryData<GgufTensorType, int> Variants
    {
        get
        {
            var data = new TheoryData<GgufTensorType, int>();
            foreach (var type in new[] { GgufTensorType.F32, GgufTensorType.F16, GgufTensorType.Q8_0 })
            {
                for (var variant = 0; variant < MatrixKernels.All(type).Length - 1; variant++)
                {
                    data.Add(type, variant);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Variant_gives_the_bits_of_the_scalar_reference(GgufTensorType type, int variant)
    {
        var kernels = MatrixKernels.All(type);
        var kernel = kernels[variant];
        // Wider float vectors than the machine's are emulated by the runtime, so they can be tested anywhere.
        if (!kernel.IsSupported && kernel.QuantizesActivations)
        {
            Assert.Skip($"This machine cannot run {kernel.Name}.");
        }

        foreach (var (columns, rows, tokens) in new[] { (32, 1, 1), (64, 9, 1), (96, 7, 5), (256, 12, 3), (160, 5, 9), (52, 6, 4), (19, 3, 2) })
        {
            if (type == GgufTensorType.Q8_0 && columns % 32 != 0)
            {
                continue;
            }

            var expected = Multiply(kernels[^1], type, columns, rows, tokens);
            var actual = Multiply(kernel, type, columns, rows, tokens);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(GgufTensorType.F32)]
    [InlineData(GgufTensorType.F16)]
    [InlineData(GgufTensorType.Q8_0)]
    public void Scalar_reference_agrees_with_double_precision(GgufTensorType type)
    {
        const int Columns = 96, Rows = 7, Tokens = 5;
        var kernel = MatrixKernels.All(type)[^1];
        var actual = Multiply(kernel, type, Columns, Rows, Tokens);
        var weights = Stored(type, Columns, Rows);
        var values = new float[Columns * Rows];
        Quantization.Dequantize(type, weights, values);
        using var input = Input(Columns, Tokens);
        for (var token = 0; token < Tokens; token++)
        {
            for (var row = 0; row < Rows; row++)
            {
                // What was in the output before is added to.
                double expected = 1;
                for (var column = 0; column < Columns; column++)
                {
                    expected += (double)values[(row * Columns) + column] * input.Row(token)[column];
                }

                // Activations have seven bits and a sign in the quantized product.
                Assert.Equal(expected, actual[(token * Rows) + row], type == GgufTensorType.Q8_0 ? 0.2 : 1e-5);
            }
        }
    }

    [Fact]
    public void Q8_0_dots_are_exact_at_the_extremes()
    {
        foreach (var kernel in MatrixKernels.All(GgufTensorType.Q8_0).Where(kernel => kernel.IsSupported))
        {
            var weights = new byte[34];
            BitConverter.TryWriteBytes(weights, (Half)1);
            weights.AsSpan(2).Fill(0x80);
            using var input = new Activations(1, 32);
            new Span<float>(input.Row(0), 32).Fill(-127);
            input.Quantize(0);
            float output;
            fixed (byte* data = weights)
            {
                kernel.Multiply(data, 32, 0, 1, input.View, 1, &output, 1, accumulate: false);
            }

            Assert.Equal(32f * 128 * 127, output);
        }
    }

    [Fact]
    public void Every_half_precision_number_is_converted_exactly()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            if (float.IsFinite(expected))
            {
                Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(HalfPrecision.ToSingle((ushort)bits)));
            }
        }
    }

    [Fact]
    public void Quantized_activations_equal_the_scalar_reference()
    {
        var random = new Random(7);
        var source = new float[320];
        for (var i = 0; i < source.Length; i++)
        {
            source[i] = i / 32 == 3 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20)));
        }

        var (quants, expectedQuants) = (new sbyte[320], new sbyte[320]);
        var (scales, expectedScales) = (new float[10], new float[10]);
        fixed (float* values = source, a = scales, b = expectedScales)
        {
            fixed (sbyte* c = quants, d = expectedQuants)
            {
                Q8Block.Quantize(values, 10, c, a);
                Q8Block.QuantizeScalar(values, 10, d, b);
            }
        }

        Assert.Equal(expectedQuants, quants);
        Assert.Equal(expectedScales, scales);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(22)]
    [InlineData(6)]
    public void Vector_kernels_agree_with_their_scalar_references(int length)
    {
        var (a, b, c) = (Random(length, 1), Random(length, 2), Random(length, 3));
        var (expected, actual) = (new float[length], new float[length]);
        fixed (float* x = a, y = b, z = c, e = expected, f = actual)
        {
            RmsNorm.Execute(x, y, f, length, 1e-6f);
            RmsNorm.ExecuteScalar(x, y, e, length, 1e-6f);
            AssertClose(expected, actual);

            a.CopyTo(expected, 0);
            a.CopyTo(actual, 0);
            SwiGlu.Execute(f, y, length);
            SwiGlu.ExecuteScalar(e, y, length);
            AssertClose(expected, actual);

            a.CopyTo(expected, 0);
            a.CopyTo(actual, 0);
            RotaryEmbedding.Turn(11, RotaryEmbedding.Frequencies(length, 10_000), z);
            RotaryEmbedding.Execute(f, length / 2, z);
            RotaryEmbedding.ExecuteScalar(e, length / 2, z);
            AssertClose(expected, actual);
        }
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 37)]
    [InlineData(18, 16)]
    public void Attention_agrees_with_its_scalar_reference(int length, int positions)
    {
        var (query, keys, values) = (Random(length, 1), Random(length * positions, 2), Random(length * positions, 3));
        var (expected, actual, scores) = (new float[length], new float[length], new float[positions]);
        fixed (float* q = query, k = keys, v = values, s = scores, e = expected, f = actual)
        {
            Attention.Execute(q, k, v, positions, length, s, f);
            Attention.ExecuteScalar(q, k, v, positions, length, s, e);
        }

        AssertClose(expected, actual);
    }

    static float[] Multiply(MatrixKernel kernel, GgufTensorType type, int columns, int rows, int tokens)
    {
        using var input = Input(columns, tokens);
        var output = new float[rows * tokens];
        Array.Fill(output, 1);
        fixed (byte* weights = Stored(type, columns, rows))
        {
            fixed (float* destination = output)
            {
                // In two parts, as two threads would.
                kernel.Multiply(weights, columns, 0, rows / 2, input.View, tokens, destination, rows, accumulate: true);
                kernel.Multiply(weights, columns, rows / 2, rows, input.View, tokens, destination, rows, accumulate: true);
            }
        }

        return output;
    }

    static Activations Input(int columns, int tokens)
    {
        var input = new Activations(tokens, columns);
        for (var token = 0; token < tokens; token++)
        {
            Random(columns, 100 + token).CopyTo(new Span<float>(input.Row(token), columns));
            input.Quantize(token);
        }

        return input;
    }

    static byte[] Stored(GgufTensorType type, int columns, int rows)
    {
        var bytes = new byte[columns * rows * (type == GgufTensorType.F32 ? 4 : 2)];
        var length = type == GgufTensorType.Q8_0 ? columns * rows / 32 * 34 : bytes.Length;
        Quantization.Quantize(type, Random(columns * rows, 5), bytes.AsSpan(0, length));
        return bytes[..length];
    }

    static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
    }

    static void AssertClose(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }
}
