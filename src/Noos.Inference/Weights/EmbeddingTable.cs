using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>The vectors of the tokens [tokens, columns], read from the mapped file one at a time.</summary>
sealed unsafe class EmbeddingTable(GgufTensor tensor, GgufFile file, int columns)
{
    readonly byte* _rows = file.Pointer(tensor);
    readonly int _rowBytes = (int)GgufTensorLayout.For(tensor.Type).BytesOf(columns);

    /// <summary>Writes one token's vector.</summary>
    public void CopyRow(int token, float* destination) =>
        Quantization.Dequantize(
            tensor.Type, new ReadOnlySpan<byte>(_rows + ((long)token * _rowBytes), _rowBytes), new Span<float>(destination, columns));
}
