using System.Runtime.InteropServices;
using CsCheck;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Gguf.Formats;

namespace Noos.Language.Tests.Gguf;

public sealed class QuantizationTests
{
    [Fact]
    public void Q8_0_matches_a_block_calculated_by_hand()
    {
        // The largest magnitude is 127, so the scale is 1 (0x3C00 as a 16-bit float) and values only round, halves away from zero.
        var values = new float[32];
        float[] first = [127, -127, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 0.49999997f, 126.5f, -3.4f];
        first.CopyTo(values, 0);
        var block = new byte[34];

        Quantization.Quantize(GgufTensorType.Q8_0, values, block);

        sbyte[] expected = [127, -127, 1, -1, 2, 3, -3, 0, 127, -3];
        Assert.Equal([0x00, 0x3C], block[..2]);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, sbyte>(block)[2..12].ToArray());
        Assert.All(block[12..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Q8_0_of_zeros_and_of_tiny_values_is_zero()
    {
        foreach (var value in new[] { 0f, -0f, 1e-40f, float.Epsilon })
        {
            var block = new byte[34];
            Quantization.Quantize(GgufTensorType.Q8_0, Enumerable.Repeat(value, 32).ToArray(), block);
            var back = new float[32];
            Quantization.Dequantize(GgufTensorType.Q8_0, block, back);
            Assert.All(back, item => Assert.Equal(0, item));
        }
    }

    [Fact]
    public void Q8_0_blocks_equal_the_scalar_reference()
    {
        // Multiples of a half at a scale of one land on every tie; the others are ordinary weights of all sizes.
        var ties = Gen.Int[-254, 254].Select(half => half / 2f).Array[31].Select(values => (float[])[.. values, 127f]);
        var weights = Gen.Select(Gen.Float[-1, 1].Array[32], Gen.Int[-60, 20], (values, exponent) =>
            Array.ConvertAll(values, value => MathF.ScaleB(value, exponent)));
        Gen.OneOf(ties, weights).Sample(values =>
        {
            var fast = new byte[34];
            var reference = new byte[34];
            Quantization.Quantize(GgufTensorType.Q8_0, values, fast);
            Q8_0Format.QuantizeScalar(values, reference);

            var fastBack = new float[32];
            var referenceBack = new float[32];
            Quantization.Dequantize(GgufTensorType.Q8_0, fast, fastBack);
            Q8_0Format.DequantizeScalar(fast, referenceBack);

            return fast.AsSpan().SequenceEqual(reference) && fastBack.AsSpan().SequenceEqual(referenceBack);
        }, iter: 10_000);
    }

    [Fact]
    public void Q8_0_error_is_at_most_half_a_step_plus_the_rounding_of_the_scale()
    {
        Gen.Float[-10, 10].Array[64].Sample(values =>
        {
            var bytes = new byte[68];
            var back = new float[64];
            Quantization.Quantize(GgufTensorType.Q8_0, values, bytes);
            Quantization.Dequantize(GgufTensorType.Q8_0, bytes, back);
            for (var i = 0; i < values.Length; i++)
            {
                var largest = values.Skip(i / 32 * 32).Take(32).Max(MathF.Abs);

                // A 16-bit float has 11 significant bits: its rounding moves the scale by at most 1 / 2048, the whole value likewise.
                if (MathF.Abs(values[i] - back[i]) > (largest * ((0.5001f / 127) + (1 / 2048f))) + 1e-5f)
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Fact]
    public void F16_rounds_to_nearest_even_and_comes_back()
    {
        // 2049 lies between 2048 and 2050, the neighbours among 16-bit floats; the even one is 2048.
        float[] values = [0, -0f, 1, -1.5f, 65504, 2049, 2051, 5.9604645e-8f, 0.1f];
        var bytes = new byte[values.Length * 2];
        var back = new float[values.Length];

        Quantization.Quantize(GgufTensorType.F16, values, bytes);
        Quantization.Dequantize(GgufTensorType.F16, bytes, back);

        Assert.Equal([0, -0f, 1, -1.5f, 65504, 2048, 2052, 5.9604645e-8f, 0.099975586f], back);
    }

    [Fact]
    public void F16_of_every_number_comes_back_exactly()
    {
        var all = Enumerable.Range(0, 65536)
            .Select(bits => (ushort)bits)
            .Where(bits => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))
            .ToArray();
        var values = new float[all.Length];
        var bytes = new byte[all.Length * 2];

        Quantization.Dequantize(GgufTensorType.F16, MemoryMarshal.AsBytes<ushort>(all), values);
        Quantization.Quantize(GgufTensorType.F16, values, bytes);

        Assert.Equal(Array.ConvertAll(all, bits => (float)BitConverter.UInt16BitsToHalf(bits)), values);
        Assert.Equal(MemoryMarshal.AsBytes<ushort>(all).ToArray(), bytes);
    }

    [Fact]
    public void Types_and_lengths_that_do_not_fit_are_refused()
    {
        Assert.Contains("IQ2_XS",
            Assert.Throws<NoosException>(() => Quantization.Dequantize(GgufTensorType.IQ2_XS, new byte[74], new float[256])).Message);
        Assert.Throws<ArgumentException>(() => Quantization.Quantize(GgufTensorType.Q8_0, new float[33], new byte[35]));
        Assert.Throws<ArgumentException>(() => Quantization.Quantize(GgufTensorType.F16, new float[2], new byte[2]));
    }
}
