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
        Pairs(first, second).Store(target);
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

    /// <summary>
    /// Up to 32 rows of up to 16 values become 16 rows of 16 pairs: what was a column runs along the sum. Needs AVX-512.
    /// </summary>
    /// <param name="source">[length, stride], of which <paramref name="count"/> columns are read</param>
    /// <param name="target">[16, 16]; rows from <paramref name="count"/> on are not defined</param>
    public static void TransposePairs(float* source, int stride, int count, int length, uint* target)
    {
        if (count == TileKernel.ChunkLength && length == 2 * TileKernel.ChunkLength)
        {
            for (var half = 0; half < 2; half++)
            {
                TransposeEight(source + ((long)half * TileKernel.ChunkLength * stride), stride, target + (half * 8));
            }

            return;
        }

        for (var row = 0; row < count; row++)
        {
            for (var cell = 0; cell < TileKernel.ChunkLength; cell++)
            {
                var low = 2 * cell < length ? source[((long)2 * cell * stride) + row] : 0;
                var high = (2 * cell) + 1 < length ? source[((long)((2 * cell) + 1) * stride) + row] : 0;
                target[(row * TileKernel.ChunkLength) + cell] = Pair(low, high);
            }
        }
    }

    // 16 rows of 16 values become 16 rows of 8 pairs, 16 cells apart, by pairs, fours, and quarters of a vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void TransposeEight(float* source, int stride, uint* target)
    {
        var (a0, a1) = Unpack(Sixteen(0), Sixteen(1));
        var (a2, a3) = Unpack(Sixteen(2), Sixteen(3));
        var (a4, a5) = Unpack(Sixteen(4), Sixteen(5));
        var (a6, a7) = Unpack(Sixteen(6), Sixteen(7));
        // Lane l of a vector: row 4 * l + its number, cells 0 .. 3 or 4 .. 7.
        StoreRows(0, UnpackLow(a0, a2), UnpackLow(a4, a6));
        StoreRows(1, UnpackHigh(a0, a2), UnpackHigh(a4, a6));
        StoreRows(2, UnpackLow(a1, a3), UnpackLow(a5, a7));
        StoreRows(3, UnpackHigh(a1, a3), UnpackHigh(a5, a7));

        // Values 2 * cell and 2 * cell + 1 of the sum for sixteen rows.
        Vector512<uint> Sixteen(int cell) => Pairs(source + ((long)2 * cell * stride), source + ((long)((2 * cell) + 1) * stride));

        void StoreRows(int row, Vector512<uint> lower, Vector512<uint> upper)
        {
            Store(row, lower.GetLower().GetLower(), upper.GetLower().GetLower());
            Store(row + 4, lower.GetLower().GetUpper(), upper.GetLower().GetUpper());
            Store(row + 8, lower.GetUpper().GetLower(), upper.GetUpper().GetLower());
            Store(row + 12, lower.GetUpper().GetUpper(), upper.GetUpper().GetUpper());
        }

        void Store(int row, Vector128<uint> lower, Vector128<uint> upper) =>
            Vector256.Create(lower, upper).Store(target + (row * TileKernel.ChunkLength));

        static (Vector512<uint> Low, Vector512<uint> High) Unpack(Vector512<uint> a, Vector512<uint> b) =>
            (Avx512F.UnpackLow(a, b), Avx512F.UnpackHigh(a, b));

        static Vector512<uint> UnpackLow(Vector512<uint> a, Vector512<uint> b) =>
            Avx512F.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32();

        static Vector512<uint> UnpackHigh(Vector512<uint> a, Vector512<uint> b) =>
            Avx512F.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Pairs(float* first, float* second)
    {
        var low = Rounded(Vector512.Load((uint*)first)) >>> 16;
        var high = Rounded(Vector512.Load((uint*)second)) & Vector512.Create(0xFFFF_0000u);
        return low | high;
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
