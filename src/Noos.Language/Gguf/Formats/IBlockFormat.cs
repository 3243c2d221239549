namespace Noos.Language.Gguf.Formats;

/// <summary>
/// Pack and unpack one block of a tensor type, bit for bit as ggml (<c>quantize_row_*_ref</c> and <c>dequantize_row_*</c> in ggml-quants.c,
/// the structs in ggml-common.h). The sizes of blocks are in <see cref="GgufTensorLayout"/>. "Level" is the stored integer of a value.
/// </summary>
interface IBlockFormat
{
    /// <summary>The values of one block.</summary>
    static abstract void Dequantize(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>Finite values to one block, whose every byte is written.</summary>
    static abstract void Quantize(ReadOnlySpan<float> values, Span<byte> block);
}
