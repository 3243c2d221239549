using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Architectures;

namespace Noos.Inference.Tests.Kernels;

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
                Assert.Equal(
                    BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(HalfPrecision.ToSingle((ushort)bits)));
            }
        }
    }

    [Fact]
    public void Conversion_to_half_precision_takes_the_nearest_number()
    {
        var random = new Random(3);
        var values = new float[8];
        for (var round = 0; round < 20_000; round++)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-14, 17)));
            }

            var halves = HalfPrecision.FromSingle(Vector256.Create<float>(values));
            for (var i = 0; i < values.Length; i++)
            {
                var expected = BitConverter.HalfToUInt16Bits((Half)Math.Clamp(values[i], -65504, 65504));
                Assert.Equal(expected, HalfPrecision.FromSingle(values[i]));
                Assert.Equal(expected, halves[i]);
            }
        }

        Assert.Equal(65504, HalfPrecision.ToSingle(HalfPrecision.FromSingle(1e9f)));
        Assert.Equal(-6e-8f, HalfPrecision.ToSingle(HalfPrecision.FromSingle(-6e-8f)), 1e-8f);
    }

    [Fact]
    public void Power_of_two_agrees_with_its_definition()
    {
        for (var exponent = 0f; exponent > -126; exponent -= 0.0371f)
        {
            var expected = Math.Pow(2, exponent);
            Assert.InRange(Exp2.Approximate(exponent) / expected, 1 - 2e-7, 1 + 2e-7);
        }

        Assert.Equal(1, Exp2.Approximate(0));
        Assert.Equal(0, Exp2.Approximate(-127));
        Assert.Equal(0, Exp2.Approximate(-1e30f));
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
        var (factors, expectedFactors) = (new ActivationBlockScale[10], new ActivationBlockScale[10]);
        fixed (float* values = source)
        fixed (sbyte* a = quants, b = expectedQuants)
        fixed (short* c = words, d = expectedWords)
        fixed (ActivationBlockScale* e = factors, f = expectedFactors)
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

            foreach (var activation in Enum.GetValues<Activation>())
            {
                a.CopyTo(expected, 0);
                a.CopyTo(actual, 0);
                FeedForwardActivation.Execute(activation, f, y, length);
                FeedForwardActivation.ExecuteScalar(activation, e, y, length);
                AssertClose(expected, actual);
            }

            a.CopyTo(expected, 0);
            a.CopyTo(actual, 0);
            var (frequencies, magnitude) = new RotaryConfig { FrequencyBase = 10_000, Length = length }.Frequencies([]);
            RotaryEmbedding.ComputeCosSin(11, frequencies, magnitude, z);
            RotaryEmbedding.Execute(f, length / 2, z);
            RotaryEmbedding.ExecuteScalar(e, length / 2, z);
            AssertClose(expected, actual);
        }
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
