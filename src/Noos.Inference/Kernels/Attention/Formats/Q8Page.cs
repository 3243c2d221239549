using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention.Formats;

/// <summary>
/// KV cache in int8 with an F16 scale per 32 elements of a head and position. A group of 32 elements is [32 scales], F16, and then for keys
/// [32 elements][32 positions], for values [32 positions][32 elements].
/// </summary>
readonly unsafe struct Q8Page : IPageFormat
{
    const int Group = Panel.BlockLength;
    const int ScaleBytes = InterleavedFloat16.ByteCount;
    const int GroupBytes = ScaleBytes + (Group * Panel.Rows);
    const float MaxCode = sbyte.MaxValue;

    public static KeyValueType Type => KeyValueType.Q8;

    public static int KeyBytes(int headLength) => KeyValuePages.PaddedLength(headLength) / Group * GroupBytes;

    public static int ValueBytes(int headLength) => KeyBytes(headLength);

    public static void StoreKey(float* key, int headLength, byte* keys, int slot)
    {
        for (var first = 0; first < headLength; first += Group, keys += GroupBytes)
        {
            var count = Math.Min(Group, headLength - first);
            var reciprocal = StoreScale(key + first, count, keys, slot);
            for (var i = 0; i < count; i++)
            {
                // Transposed, as keys of all types: element by position.
                keys[ScaleBytes + (i * Panel.Rows) + slot] = Quantize(key[first + i], reciprocal);
            }
        }
    }

    public static void StoreValue(float* value, int headLength, byte* values, int slot)
    {
        for (var first = 0; first < headLength; first += Group, values += GroupBytes)
        {
            var count = Math.Min(Group, headLength - first);
            var reciprocal = StoreScale(value + first, count, values, slot);
            for (var i = 0; i < count; i++)
            {
                values[ScaleBytes + (slot * Group) + i] = Quantize(value[first + i], reciprocal);
            }
        }
    }

    public static void LoadKey(byte* keys, int headLength, int slot, float* key)
    {
        for (var i = 0; i < headLength; i++)
        {
            var group = keys + (i / Group * GroupBytes);
            key[i] = (sbyte)group[ScaleBytes + (i % Group * Panel.Rows) + slot] * InterleavedFloat16.LoadOne(group, slot);
        }
    }

    public static void LoadValue(byte* values, int headLength, int slot, float* value)
    {
        for (var i = 0; i < headLength; i++)
        {
            var group = values + (i / Group * GroupBytes);
            value[i] = (sbyte)group[ScaleBytes + (slot * Group) + (i % Group)] * InterleavedFloat16.LoadOne(group, slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* WidenKeys(byte* keys, int headLength, float* scratch)
    {
        for (var row = 0; row < headLength; keys += GroupBytes)
        {
            var scales = InterleavedFloat16.Load(keys);
            var end = Math.Min(row + Group, headLength);
            for (var codes = keys + ScaleBytes; row < end; row++, codes += Panel.Rows)
            {
                // Position is the row index of keys, so the group's 32 scales serve all its elements.
                PanelRow.Store(Dequantize(codes, scales), scratch + (row * Panel.Rows));
            }
        }

        return scratch;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WidenValues(byte* values, int headLength, float* destination, int groupLength)
    {
        var scales = stackalloc float[Panel.Rows];
        for (var element = 0; element < headLength; element += Group, values += GroupBytes, destination += groupLength)
        {
            PanelRow.Store(InterleavedFloat16.Load(values), scales);
            for (var slot = 0; slot < KeyValuePages.Positions; slot++)
            {
                // A position's scale is one lane of the row of scales; for keys it is a whole row.
                var codes = ScaleBytes + (slot * Group);
                var scale = Vector256.Create(scales[slot]);
                PanelRow.Store(Dequantize(values + codes, new(scale, scale, scale, scale)), destination + (slot * Panel.Rows));
            }
        }
    }

    /// <summary>Stores the scale that maps the largest magnitude of up to 32 numbers to 127.</summary>
    /// <returns>Reciprocal of the stored scale, 0 for all-zero numbers.</returns>
    static float StoreScale(float* numbers, int count, byte* scales, int slot)
    {
        var maxAbs = 0f;
        for (var i = 0; i < count; i++)
        {
            maxAbs = MathF.Max(maxAbs, MathF.Abs(numbers[i]));
        }

        // The row of scales has one F16 per position.
        InterleavedFloat16.StoreOne(maxAbs / MaxCode, scales, slot);
        // Quantized with the scale as it was rounded to F16, so that rounding it costs no accuracy; hence the clamp in Quantize.
        var stored = InterleavedFloat16.LoadOne(scales, slot);
        return stored == 0 ? 0 : 1 / stored;
    }

    static byte Quantize(float number, float reciprocal) =>
        unchecked((byte)(sbyte)MathF.Round(Math.Clamp(number * reciprocal, -MaxCode, MaxCode)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<float> Dequantize(byte* codes, PanelRow<float> scales)
    {
        var signed = (sbyte*)codes;
        return new(WidenToFloats(signed) * scales.A, WidenToFloats(signed + 8) * scales.B, WidenToFloats(signed + 16) * scales.C,
            WidenToFloats(signed + 24) * scales.D);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> WidenToFloats(sbyte* codes) => Vector256.ConvertToSingle(Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(codes)
        : Vector256.WidenLower(Vector256.WidenLower(Vector256.CreateScalarUnsafe(*(long*)codes).AsSByte())));
}
