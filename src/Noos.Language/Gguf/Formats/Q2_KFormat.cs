using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values in 16 sub-blocks of 16, each value scale * level - minimum of its sub-block: 16 bytes with the scale in the low and the
/// minimum in the high half, 64 bytes of <see cref="TwoBitLevels"/>, and the scales of scales and minima as 16-bit floats.
/// </summary>
readonly struct Q2_KFormat : IBlockFormat
{
    const int SubBlockLength = 16;
    const int SubBlocks = 16;
    const int Levels = SubBlocks;
    const int Scale = Levels + TwoBitLevels.Bytes;
    const int Minimum = Scale + sizeof(ushort);

    [SkipLocalsInit]
    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        var scaleOfMinima = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Minimum..]);
        Span<byte> levels = stackalloc byte[256];
        TwoBitLevels.Read(block[Levels..], levels);
        for (var i = 0; i < SubBlocks; i++)
        {
            var (scale, minimum) = (scaleOfScales * (block[i] & 0xF), scaleOfMinima * (block[i] >> 4));
            for (var j = i * SubBlockLength; j < (i + 1) * SubBlockLength; j++)
            {
                values[j] = (scale * levels[j]) - minimum;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        // make_qkx2_quants(16, 3, ..., -0.5f, 0.1f, 15, use_mad: true): with four levels only, squares would let single outliers decide.
        var search = new ScaleMinimumSearch(MaxLevel: 3, FirstShift: -0.5f, Steps: 15, Absolute: true);
        Span<Vector256<float>> lanes = stackalloc Vector256<float>[SubBlocks * 2];
        Span<Vector256<float>> weights = stackalloc Vector256<float>[SubBlockLength];
        Span<Vector256<float>> found = stackalloc Vector256<float>[SubBlocks * 2];
        Span<float> scales = stackalloc float[SubBlocks];
        Span<float> minima = stackalloc float[SubBlocks];
        for (var half = 0; half < 2; half++)
        {
            var own = lanes.Slice(half * SubBlockLength, SubBlockLength);
            SubBlockLanes.Load(values[(half * 128)..], own);
            for (var i = 0; i < SubBlockLength; i++)
            {
                weights[i] = Vector256.Abs(own[i]);
            }

            var (scale, minimum) = search.Find(own, weights, found.Slice(half * SubBlockLength, SubBlockLength));
            scale.CopyTo(scales[(half * SubBlockLanes.Count)..]);
            minimum.CopyTo(minima[(half * SubBlockLanes.Count)..]);
        }

        block[..SubBlocks].Clear();
        WriteFourBits(scales, block, Scale, 0);
        WriteFourBits(minima, block, Minimum, 4);
        Span<byte> levels = stackalloc byte[256];
        for (var half = 0; half < 2; half++)
        {
            var (scale, minimum) = StoredScales(block, half);
            var empty = Vector256.Equals(scale, Vector256<float>.Zero);
            for (var i = half * SubBlockLength; i < (half + 1) * SubBlockLength; i++)
            {
                found[i] = SubBlockLanes.Choose(empty, found[i], SubBlockLanes.Nearest((lanes[i] + minimum) / scale, 0, search.MaxLevel));
            }

            SubBlockLanes.Store(found.Slice(half * SubBlockLength, SubBlockLength), levels.Slice(half * 128, 128));
        }

        TwoBitLevels.Write(levels, block[Levels..]);
    }

    static void WriteFourBits(ReadOnlySpan<float> factors, Span<byte> block, int place, int shift)
    {
        var largest = 0f;
        foreach (var factor in factors)
        {
            largest = factor > largest ? factor : largest;
        }

        BinaryPrimitives.WriteHalfLittleEndian(block[place..], (Half)(largest / 15));
        var inverse = largest > 0 ? 15 / largest : 0;
        for (var i = 0; i < factors.Length; i++)
        {
            block[i] |= (byte)(SubBlockLanes.Nearest(inverse * factors[i]) << shift);
        }
    }

    static (Vector256<float> Scale, Vector256<float> Minimum) StoredScales(ReadOnlySpan<byte> block, int half)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        var scaleOfMinima = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Minimum..]);
        var (scale, minimum) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < SubBlockLanes.Count; i++)
        {
            var pair = block[(half * SubBlockLanes.Count) + i];
            scale = scale.WithElement(i, scaleOfScales * (pair & 0xF));
            minimum = minimum.WithElement(i, scaleOfMinima * (pair >> 4));
        }

        return (scale, minimum);
    }
}
