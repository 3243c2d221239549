namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// The unit of packed weights: 32 rows side by side, so that one activation meets 32 weights without a sum across lanes and decoding
/// reads memory as one stream. Within a panel the columns come in blocks of 32, the unit of scales.
/// </summary>
static class Panel
{
    /// <summary>Rows of a panel; the last one of a matrix is filled up with rows of zeros.</summary>
    public const int Rows = 32;

    /// <summary>Columns that share a scale.</summary>
    public const int BlockLength = 32;

    /// <summary>Panels of a matrix.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;
}
