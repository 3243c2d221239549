using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Tests;

public sealed unsafe class KernelTests
{
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
        var (words, expectedWords) = (new short[320], new short[320]);
        var (factors, expectedFactors) = (new BlockFactors[10], new BlockFactors[10]);
        fixed (float* values = source)
        fixed (sbyte* a = quants, b = expectedQuants)
        fixed (short* c = words, d = expectedWords)
        fixed (BlockFactors* e = factors, f = expectedFactors)
        {
            ActivationQuantizer.Execute(values, 10, a, c, e);
            ActivationQuantizer.ExecuteScalar(values, 10, b, d, f);
        }

        Assert.Equal(expectedWords, words);
        Assert.Equal(expectedQuants, quants);
        Assert.Equal(expectedFactors, factors);
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
