using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Training.Kernels;

/// <summary>Copies rows of floats into cells: as they are, or rounded to pairs of bfloat16.</summary>
static unsafe class CellRows
{
    /// <summary>A row that runs along the sum; cells behind it become zero.</summary>
    /// <param name="source">[length]</param>
    /// <param name="target">[padded] cells</param>
    public static void Copy(Precision precision, float* source, uint* target, int length, int padded)
    {
        if (precision == Precision.Bf16)
        {
            RoundPairs(source, target, length, padded);
        }
        else
        {
            CopyFloats(source, target, length, padded);
        }
    }

    /// <summary>A row that runs along the sum, in chunks that lie apart; the last one is filled up with zeros.</summary>
    /// <param name="source">[length]</param>
    /// <param name="step">Cells between chunks of the target.</param>
    public static void CopyChunks(Precision precision, float* source, uint* target, int length, int step)
    {
        if (precision == Precision.Fp32)
        {
            for (; length >= 16; length -= 16, source += 16, target += step)
            {
                Vector512.Load((uint*)source).Store(target);
            }
        }
        else if (Avx512F.IsSupported)
        {
            for (; length >= 32; length -= 32, source += 32, target += step)
            {
                RoundChunk(source).Store(target);
            }
        }

        var chunkValues = precision == Precision.Fp32 ? TileKernel.ChunkLength : 2 * TileKernel.ChunkLength;
        for (; length > 0; length -= chunkValues, source += chunkValues, target += step)
        {
            Copy(precision, source, target, Math.Min(chunkValues, length), TileKernel.ChunkLength);
        }
    }

    /// <summary>Sixteen floats as cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopySixteen(float* source, uint* target) => Vector512.Load((uint*)source).Store(target);

    /// <summary>Sixteen pairs of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InterleaveSixteen(float* first, float* second, uint* target)
    {
        var low = Rounded(Vector512.Load((uint*)first)) >>> 16;
        var high = Rounded(Vector512.Load((uint*)second)) & Vector512.Create(0xFFFF_0000u);
        (low | high).Store(target);
    }

    /// <summary>Floats as cells; cells behind them become zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyFloats(float* source, uint* target, int length, int padded)
    {
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            Vector512.Load((uint*)source + i).Store(target + i);
        }

        for (; i + 4 <= length; i += 4)
        {
            Vector128.Load((uint*)source + i).Store(target + i);
        }

        for (; i < length; i++)
        {
            target[i] = BitConverter.SingleToUInt32Bits(source[i]);
        }

        for (; i < padded; i++)
        {
            target[i] = 0;
        }
    }

    /// <summary>Two rows that follow each other along the sum become one row of pairs.</summary>
    /// <param name="first">[length] lower halves</param>
    /// <param name="second">[length] upper halves; null for zeros</param>
    /// <param name="target">[padded]</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InterleavePairs(float* first, float* second, uint* target, int length, int padded)
    {
        var i = 0;
        if (second != null)
        {
            for (; i + 16 <= length; i += 16)
            {
                InterleaveSixteen(first + i, second + i, target + i);
            }

            for (; i + 4 <= length; i += 4)
            {
                var low = Rounded(Vector128.Load((uint*)first + i)) >>> 16;
                var high = Rounded(Vector128.Load((uint*)second + i)) & Vector128.Create(0xFFFF_0000u);
                (low | high).Store(target + i);
            }
        }

        for (; i < length; i++)
        {
            target[i] = Pair(first[i], second == null ? 0 : second[i]);
        }

        for (; i < padded; i++)
        {
            target[i] = 0;
        }
    }

    // Neighbours in memory become a pair: the lower half of a cell is the earlier one.
    static void RoundPairs(float* source, uint* target, int length, int padded)
    {
        var i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i + 32 <= length; i += 32)
            {
                RoundChunk(source + i).Store(target + (i / 2));
            }
        }

        for (; i < length; i += 2)
        {
            target[i / 2] = Pair(source[i], i + 1 < length ? source[i + 1] : 0);
        }

        for (var cell = (length + 1) / 2; cell < padded; cell++)
        {
            target[cell] = 0;
        }
    }

    // 32 values become 16 cells.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> RoundChunk(float* source)
    {
        var low = Avx512F.ConvertToVector256UInt16(Rounded(Vector512.Load((uint*)source)) >>> 16);
        var high = Avx512F.ConvertToVector256UInt16(Rounded(Vector512.Load((uint*)source + 16)) >>> 16);
        return Vector512.Create(low, high).AsUInt32();
    }

    static uint Pair(float low, float high) => (Rounded(low) >> 16) | (Rounded(high) & 0xFFFF_0000u);

    // To nearest even: half a unit of the upper part, less one bit if that part is even. NaN and infinity stay what they are, since their
    // mantissas are those that arithmetic makes: all zeros, or the upper bit alone.
    static uint Rounded(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return bits + 0x7FFFu + ((bits >> 16) & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<uint> Rounded(Vector128<uint> bits) =>
        bits + Vector128.Create(0x7FFFu) + ((bits >>> 16) & Vector128<uint>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Rounded(Vector512<uint> bits) =>
        bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One);
}
