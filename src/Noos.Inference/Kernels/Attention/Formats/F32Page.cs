using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention.Formats;

/// <summary>KV cache in F32: keys [head length][32 positions], values [head length / 32][32 positions][32 elements].</summary>
readonly unsafe struct F32Page : IPageFormat
{
    const int Positions = KeyValuePages.Positions;

    public static KeyValueType Type => KeyValueType.F32;

    public static int KeyBytes(int headLength) => headLength * Positions * sizeof(float);

    public static int ValueBytes(int headLength) => KeyValuePages.PaddedLength(headLength) * Positions * sizeof(float);

    public static void StoreKey(float* key, int headLength, byte* keys, int slot)
    {
        for (var i = 0; i < headLength; i++)
        {
            // Transposed: scores are then a product without horizontal sums.
            ((float*)keys)[(i * Positions) + slot] = key[i];
        }
    }

    public static void StoreValue(float* value, int headLength, byte* values, int slot)
    {
        for (var i = 0; i < headLength; i += Panel.Rows)
        {
            var row = (float*)values + ((i + slot) * Panel.Rows);
            new ReadOnlySpan<float>(value + i, Math.Min(Panel.Rows, headLength - i)).CopyTo(new Span<float>(row, Panel.Rows));
        }
    }

    public static void LoadKey(byte* keys, int headLength, int slot, float* key)
    {
        for (var i = 0; i < headLength; i++)
        {
            key[i] = ((float*)keys)[(i * Positions) + slot];
        }
    }

    public static void LoadValue(byte* values, int headLength, int slot, float* value)
    {
        for (var i = 0; i < headLength; i += Panel.Rows)
        {
            new ReadOnlySpan<float>((float*)values + ((i + slot) * Panel.Rows), Math.Min(Panel.Rows, headLength - i))
                .CopyTo(new Span<float>(value + i, Panel.Rows));
        }
    }

    public static float* WidenKeys(byte* keys, int headLength, float* scratch) => (float*)keys;

    public static void WidenValues(byte* values, int headLength, float* destination, int groupLength)
    {
        const int Group = Positions * Panel.Rows;
        for (var group = 0; group < KeyValuePages.PaddedLength(headLength) / Panel.Rows; group++)
        {
            // Copied, not used in place, since several pages may form one long product.
            new ReadOnlySpan<float>((float*)values + (group * Group), Group)
                .CopyTo(new Span<float>(destination + (group * groupLength), Group));
        }
    }
}
