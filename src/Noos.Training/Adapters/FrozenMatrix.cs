using Noos.Language.Gguf;

namespace Noos.Training.Adapters;

/// <summary>
/// A weight matrix W [rows, columns] that is never changed, in the memory of its mapped file and in its type there; rows become floats
/// when a product needs them. Thread-safe.
/// </summary>
/// <param name="name">Of the tensor, in GGUF.</param>
/// <param name="slot">The low-rank pair that acts beside it; null for none.</param>
/// <param name="bias">[rows] added to products; null for none.</param>
sealed unsafe class FrozenMatrix(string name, GgufTensorType type, byte* data, int rows, int columns, LoraSlot? slot, float* bias)
{
    readonly long _rowBytes = GgufTensorLayout.For(type).BytesOf(columns);

    public string Name => name;

    public int Rows => rows;

    public int Columns => columns;

    public LoraSlot? Slot => slot;

    public float* Bias => bias;

    /// <param name="values">[count, columns]</param>
    public void Dequantize(int first, int count, float* values) => Quantization.Dequantize(
        type, new ReadOnlySpan<byte>(data + (first * _rowBytes), checked((int)(count * _rowBytes))),
        new Span<float>(values, checked(count * columns)));
}
