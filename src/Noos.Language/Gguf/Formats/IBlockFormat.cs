namespace Noos.Language.Gguf.Formats;

/// <summary>How one block of a tensor type is packed. The sizes of blocks are in <see cref="GgufTensorLayout"/>.</summary>
interface IBlockFormat
{
    /// <summary>The values of one block.</summary>
    static abstract void Dequantize(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>Finite values to one block, whose every byte is written.</summary>
    static abstract void Quantize(ReadOnlySpan<float> values, Span<byte> block);
}
