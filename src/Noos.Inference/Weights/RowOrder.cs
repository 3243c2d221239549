namespace Noos.Inference.Weights;

/// <summary>
/// Maps a matrix row to its row in the GGUF tensor. Permutes interleaved RoPE (2i, 2i + 1) to half-split (i, i + d/2), so that one kernel
/// serves both; exact, since q . k does not change under a common permutation.
/// </summary>
/// <param name="First">The tensor row of the matrix's row 0.</param>
/// <param name="HeadLength">Rows per head; 0 for no permutation.</param>
/// <param name="RotaryDimension">Leading rows of each head that RoPE rotates; the others keep their place.</param>
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
