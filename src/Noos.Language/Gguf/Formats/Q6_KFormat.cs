using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values in 16 sub-blocks of 16, each value scale * (level - 32): the lower four bits of the levels in 128 bytes (for each half,
/// values i and i + 64 of its 128 share byte i), the upper two as <see cref="TwoBitLevels"/>, 16 scales as signed bytes and their
/// scale as a 16-bit float.
/// </summary>
readonly struct Q6_KFormat : IBlockFormat
{
    const int SubBlockLength = 16;
    const int SubBlocks = 16;
    const int Upper = 128;
    const int Scales = Upper + TwoBitLevels.Bytes;
    const int Scale = Scales + SubBlocks;

    [SkipLocalsInit]
    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        Span<byte> levels = stackalloc byte[256];
        TwoBitLevels.Read(block[Upper..], levels);
        for (var i = 0; i < SubBlocks; i++)
        {
            // Sub-blocks 0 to 3 of each half are in the low halves of its 64 bytes, 4 to 7 in the high ones.
            var lower = block.Slice((i / 8 * 64) + (i % 4 * SubBlockLength), SubBlockLength);
            var shift = i % 8 / 4 * 4;
            var scale = scaleOfScales * (sbyte)block[Scales + i];
            for (var j = 0; j < SubBlockLength; j++)
            {
                values[(i * SubBlockLength) + j] = scale * (((lower[j] >> shift & 0xF) | (levels[(i * SubBlockLength) + j] << 4)) - 32);
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<Vector256<float>> lanes = stackalloc Vector256<float>[SubBlocks * 2];
        Span<Vector256<float>> found = stackalloc Vector256<float>[SubBlocks * 2];
        Span<float> scales = stackalloc float[SubBlocks];
        for (var half = 0; half < 2; half++)
        {
            var own = lanes.Slice(half * SubBlockLength, SubBlockLength);
            SubBlockLanes.Load(values[(half * 128)..], own);
            ScaleSearch.Find(own, found.Slice(half * SubBlockLength, SubBlockLength), 32)
                .CopyTo(scales[(half * SubBlockLanes.Count)..]);
        }

        var extreme = BlockRange.Extreme(scales);
        if (MathF.Abs(extreme) < 1e-15f)
        {
            block.Clear();
            return;
        }

        var inverse = -128 / extreme;
        BinaryPrimitives.WriteHalfLittleEndian(block[Scale..], (Half)(1 / inverse));
        for (var i = 0; i < SubBlocks; i++)
        {
            // The extreme scale has the level -128; one of the other sign may round to 128, which a signed byte cannot hold.
            block[Scales + i] = (byte)Math.Min(127, SubBlockLanes.Nearest(inverse * scales[i]));
        }

        WriteLevels(lanes, found, block);
    }

    /// <summary>The levels are those of the stored scales, which were rounded.</summary>
    [SkipLocalsInit]
    static void WriteLevels(ReadOnlySpan<Vector256<float>> lanes, Span<Vector256<float>> found, Span<byte> block)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        Span<byte> levels = stackalloc byte[256];
        for (var half = 0; half < 2; half++)
        {
            var stored = Vector256<float>.Zero;
            for (var i = 0; i < SubBlockLanes.Count; i++)
            {
                stored = stored.WithElement(i, scaleOfScales * (sbyte)block[Scales + (half * SubBlockLanes.Count) + i]);
            }

            var empty = Vector256.Equals(stored, Vector256<float>.Zero);
            for (var i = half * SubBlockLength; i < (half + 1) * SubBlockLength; i++)
            {
                found[i] = SubBlockLanes.Choose(empty, found[i], SubBlockLanes.Nearest(lanes[i] / stored, -32, 31) + Vector256.Create(32f));
            }

            SubBlockLanes.Store(found.Slice(half * SubBlockLength, SubBlockLength), levels.Slice(half * 128, 128));
        }

        for (var i = 0; i < 128; i++)
        {
            var first = (i / 64 * 128) + (i % 64);
            block[i] = (byte)((levels[first] & 0xF) | (levels[first + 64] << 4));
        }

        foreach (ref var level in levels)
        {
            level >>= 4;
        }

        TwoBitLevels.Write(levels, block[Upper..]);
    }
}
