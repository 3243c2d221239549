using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// Eight sub-blocks of a super-block side by side: lane j of vector i is value i of sub-block j. A sum over the vectors then adds in every
/// lane in the order of a plain loop over one sub-block, so the searches below give bit for bit what ggml's scalar code gives.
/// </summary>
static class SubBlockLanes
{
    public const int Count = 8;

    /// <summary>Reads <see cref="Count"/> sub-blocks that lie one after the other, each as long as <paramref name="lanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(ReadOnlySpan<float> values, Span<Vector256<float>> lanes)
    {
        var length = lanes.Length;
        for (var i = 0; i < length; i++)
        {
            lanes[i] = Vector256.Create(
                values[i],
                values[length + i],
                values[(2 * length) + i],
                values[(3 * length) + i],
                values[(4 * length) + i],
                values[(5 * length) + i],
                values[(6 * length) + i],
                values[(7 * length) + i]);
        }
    }

    /// <summary>Writes whole numbers from 0 to 255 in the order in which <see cref="Load"/> reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(ReadOnlySpan<Vector256<float>> lanes, Span<byte> values)
    {
        for (var i = 0; i < lanes.Length; i++)
        {
            var whole = Vector256.ConvertToInt32(lanes[i]);
            for (var lane = 0; lane < Count; lane++)
            {
                values[(lanes.Length * lane) + i] = (byte)whole[lane];
            }
        }
    }

    /// <summary>
    /// The nearest whole numbers, halves to even, limited to a range; ggml's result also where the number is too large for its trick.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values, int min, int max) =>
        Vector256.ConvertToSingle(Vector256.Min(Vector256.Max(Nearest(values), Vector256.Create(min)), Vector256.Create(max)));

    /// <inheritdoc cref="Nearest(Vector256{float}, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nearest(float value) => Nearest(Vector256.Create(value))[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Choose(Vector256<float> condition, Vector256<float> yes, Vector256<float> no) =>
        Vector256.ConditionalSelect(condition, yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Nearest(Vector256<float> values) =>
        // Added to 1.5 * 2^23, a number is rounded to a whole one by the addition itself and lies in the low bits.
        ((values + Vector256.Create(12_582_912f)).AsInt32() & Vector256.Create(0x007F_FFFF)) - Vector256.Create(0x0040_0000);
}
