using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention.Formats;

/// <summary>
/// KV cache in F16; rows of 32 as <see cref="InterleavedFloat16"/>: keys [head length][32 positions], values [head length / 32][32
/// positions][32 elements].
/// </summary>
readonly unsafe struct F16Page : IPageFormat
{
    const int RowBytes = InterleavedFloat16.ByteCount;

    public static KeyValueType Type => KeyValueType.F16;

    public static int KeyBytes(int headLength) => headLength * RowBytes;

    public static int ValueBytes(int headLength) => KeyValuePages.PaddedLength(headLength) * RowBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreKey(float* key, int headLength, byte* keys, int slot)
    {
        var halves = stackalloc uint[Vector256<uint>.Count];
        var column = (ushort*)keys + InterleavedFloat16.GetIndex(slot);
        var i = 0;
        for (; i + Vector256<uint>.Count <= headLength; i += Vector256<uint>.Count)
        {
            // Conversion by eights; the stores are scattered, since a key is a column of its page.
            HalfPrecision.FromSingle(Vector256.Load(key + i)).Store(halves);
            for (var j = 0; j < Vector256<uint>.Count; j++)
            {
                // Element i of all positions is one row of the page, so a key is a column.
                column[(i + j) * Panel.Rows] = (ushort)halves[j];
            }
        }

        for (; i < headLength; i++)
        {
            column[i * Panel.Rows] = HalfPrecision.FromSingle(key[i]);
        }
    }

    public static void StoreValue(float* value, int headLength, byte* values, int slot)
    {
        var row = stackalloc float[Panel.Rows];
        for (var i = 0; i < headLength; i += Panel.Rows)
        {
            // The last group may be shorter; what stands behind it is never used as a result.
            new ReadOnlySpan<float>(value + i, Math.Min(Panel.Rows, headLength - i)).CopyTo(new Span<float>(row, Panel.Rows));
            InterleavedFloat16.Store(row, values + ((i + slot) * RowBytes));
        }
    }

    public static void LoadKey(byte* keys, int headLength, int slot, float* key)
    {
        var column = (ushort*)keys + InterleavedFloat16.GetIndex(slot);
        for (var i = 0; i < headLength; i++)
        {
            key[i] = HalfPrecision.ToSingle(column[i * Panel.Rows]);
        }
    }

    public static void LoadValue(byte* values, int headLength, int slot, float* value)
    {
        for (var i = 0; i < headLength; i++)
        {
            // Groups of 32 elements have 32 rows each, one per position.
            var row = values + (((i / Panel.Rows * Panel.Rows) + slot) * RowBytes);
            value[i] = InterleavedFloat16.LoadOne(row, i % Panel.Rows);
        }
    }

    public static float* WidenKeys(byte* keys, int headLength, float* scratch)
    {
        Widen(keys, headLength, scratch);
        return scratch;
    }

    public static void WidenValues(byte* values, int headLength, float* destination, int groupLength)
    {
        const int GroupBytes = KeyValuePages.Positions * RowBytes;
        for (var element = 0; element < headLength; element += Panel.Rows, values += GroupBytes, destination += groupLength)
        {
            Widen(values, KeyValuePages.Positions, destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Widen(byte* halves, int rows, float* destination)
    {
        for (var row = 0; row < rows; row++)
        {
            PanelRow.Store(InterleavedFloat16.Load(halves + (row * RowBytes)), destination + (row * Panel.Rows));
        }
    }
}
