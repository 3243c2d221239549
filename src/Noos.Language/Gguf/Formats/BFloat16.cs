namespace Noos.Language.Gguf.Formats;

/// <summary>bfloat16: the upper half of a 32-bit float, rounded to nearest even (ggml's <c>ggml_compute_fp32_to_bf16</c>).</summary>
static class BFloat16
{
    public static void ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    public static void FromSingle(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);

            // Rounding could turn a not-a-number into infinity; a quiet one stays what it is.
            destination[i] = (ushort)(float.IsNaN(source[i]) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
        }
    }
}
