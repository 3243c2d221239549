using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention.Formats;

/// <summary>
/// 8-bit whole numbers. Each 32 elements of a head have a scale for every position. A group of 32 elements is [32 scales, halves] and
/// then, of keys, [32 elements][32 positions], of values [32 positions][32 elements].
/// </summary>
readonly unsafe struct Q8Page : IPageFormat
{
    const int Group = Panel.BlockLength;
    const int ScaleBytes = InterleavedHalves.ByteCount;
    const int GroupBytes = ScaleBytes + (Group * Panel.Rows);
    const float Largest = sbyte.MaxValue;

    public static KeyValueType Type => KeyValueType.Q8;

    public static int KeyBytes(int headLength) => KeyValuePages.PaddedLength(headLength) / Group * GroupBytes;

    public static int ValueBytes(int headLength) => KeyBytes(headLength);

    public static void StoreKey(float* key, int headLength, byte* keys, int place)
    {
        for (var first = 0; first < headLength; first += Group, keys += GroupBytes)
        {
            var count = Math.Min(Group, headLength - first);
            var reciprocal = StoreScale(key + first, count, keys, place);
            for (var i = 0; i < count; i++)
            {
                keys[ScaleBytes + (i * Panel.Rows) + place] = Code(key[first + i], reciprocal);
            }
        }
    }

    public static void StoreValue(float* value, int headLength, byte* values, int place)
    {
        for (var first = 0; first < headLength; first += Group, values += GroupBytes)
        {
            var count = Math.Min(Group, headLength - first);
            var reciprocal = StoreScale(value + first, count, values, place);
            for (var i = 0; i < count; i++)
            {
                values[ScaleBytes + (place * Group) + i] = Code(value[first + i], reciprocal);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* WidenKeys(byte* keys, int headLength, float* scratch)
    {
        for (var row = 0; row < headLength; keys += GroupBytes)
        {
            var scales = InterleavedHalves.Load(keys);
            var end = Math.Min(row + Group, headLength);
            for (var codes = keys + ScaleBytes; row < end; row++, codes += Panel.Rows)
            {
                PanelRow.Store(Numbers(codes, scales), scratch + (row * Panel.Rows));
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
            PanelRow.Store(InterleavedHalves.Load(values), scales);
            for (var place = 0; place < KeyValuePages.Positions; place++)
            {
                var codes = ScaleBytes + (place * Group);
                var scale = Vector256.Create(scales[place]);
                PanelRow.Store(Numbers(values + codes, new(scale, scale, scale, scale)), destination + (place * Panel.Rows));
            }
        }
    }

    /// <summary>Chooses and stores the scale of some numbers.</summary>
    /// <returns>What each is to be multiplied with.</returns>
    static float StoreScale(float* numbers, int count, byte* scales, int place)
    {
        var largest = 0f;
        for (var i = 0; i < count; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(numbers[i]));
        }

        InterleavedHalves.StoreOne(largest / Largest, scales, place);
        var stored = InterleavedHalves.LoadOne(scales, place);
        return stored == 0 ? 0 : 1 / stored;
    }

    static byte Code(float number, float reciprocal) => unchecked((byte)(sbyte)MathF.Round(Math.Clamp(number * reciprocal, -Largest, Largest)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<float> Numbers(byte* codes, PanelRow<float> scales)
    {
        var signed = (sbyte*)codes;
        return new(Floats(signed) * scales.A, Floats(signed + 8) * scales.B, Floats(signed + 16) * scales.C, Floats(signed + 24) * scales.D);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Floats(sbyte* codes) => Vector256.ConvertToSingle(Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(codes)
        : Vector256.WidenLower(Vector256.WidenLower(Vector256.CreateScalarUnsafe(*(long*)codes).AsSByte())));
}
