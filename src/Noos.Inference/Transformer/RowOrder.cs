namespace Noos.Inference.Transformer;

/// <summary>
/// Which row of a tensor stands at a row of a matrix. Heads whose elements turn in neighbouring pairs are brought into two halves:
/// scores are sums over a head's elements, so their order is free as long as queries and keys share it, and one kernel serves all.
/// </summary>
/// <param name="First">The tensor's row that comes first.</param>
/// <param name="HeadLength">Rows of a head; 0 where the order stays.</param>
/// <param name="RotaryDimension">Rows of a head, from its first on, that turn in pairs.</param>
readonly record struct RowOrder(int First, int HeadLength = 0, int RotaryDimension = 0)
{
    public long SourceOf(int row)
    {
        if (HeadLength == 0)
        {
            return First + row;
        }

        var (head, element) = Math.DivRem(row, HeadLength);
        var half = RotaryDimension / 2;
        var source = element >= RotaryDimension ? element : element < half ? 2 * element : (2 * (element - half)) + 1;
        return First + (head * HeadLength) + source;
    }
}
