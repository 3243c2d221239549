namespace Noos.Training.Adapters;

/// <summary>
/// The low-rank pair beside a matrix W [rows, columns]: the product becomes W x + alpha / rank · B A x (Hu et al., 2021), with A [rank,
/// columns] and B [rows, rank] in a flat buffer.
/// </summary>
/// <param name="Index">Number among all pairs.</param>
/// <param name="Name">Of the tensor W, in GGUF.</param>
/// <param name="OffsetA">First value of A in the flat buffer.</param>
/// <param name="OffsetB">First value of B.</param>
public sealed record LoraSlot(int Index, string Name, int Rows, int Columns, int Rank, long OffsetA, long OffsetB)
{
    public string NameOfA => Name + ".lora_a";

    public string NameOfB => Name + ".lora_b";

    public long LengthOfA => (long)Rank * Columns;

    public long LengthOfB => (long)Rows * Rank;
}
