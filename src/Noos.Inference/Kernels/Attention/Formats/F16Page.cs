using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Transformer;

namespace Noos.Inference.Kernels.Attention.Formats;

/// <summary>16-bit floats, rows of 32 as <see cref="InterleavedHalves"/>.</summary>
readonly unsafe struct F16Page : IPageFormat
{
    const int RowBytes = InterleavedHalves.ByteCount;

    public static KeyValueType Type => KeyValueType.F16;

    public static int KeyBytes(int headLength) => headLength * RowBytes;

    public static int ValueBytes(int headLength) => KeyValuePages.PaddedLength(headLength) * RowBytes;

    public static void StoreKey(float* key, int headLength, byte* keys, int place)
    {
        for (var i = 0; i < headLength; i++)
        {
            InterleavedHalves.StoreOne(key[i], keys + (i * RowBytes), place);
        }
    }

    public static void StoreValue(float* value, int headLength, byte* values, int place)
    {
        var row = stackalloc float[Panel.Rows];
        for (var i = 0; i < headLength; i += Panel.Rows)
        {
            new ReadOnlySpan<float>(value + i, Math.Min(Panel.Rows, headLength - i)).CopyTo(new Span<float>(row, Panel.Rows));
            InterleavedHalves.Store(row, values + ((i + place) * RowBytes));
        }
    }

    public static float* WidenKeys(byte* keys, int headLength, byte* next, float* scratch) => Widen(keys, headLength, next, scratch);

    public static float* WidenValues(byte* values, int headLength, byte* next, float* scratch) =>
        Widen(values, KeyValuePages.PaddedLength(headLength), next, scratch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float* Widen(byte* halves, int rows, byte* next, float* scratch)
    {
        for (var row = 0; row < rows; row++)
        {
            Prefetch.Line(next + (row * RowBytes));
            Rows32.Store(InterleavedHalves.Load(halves + (row * RowBytes)), scratch + (row * Panel.Rows));
        }

        return scratch;
    }
}
