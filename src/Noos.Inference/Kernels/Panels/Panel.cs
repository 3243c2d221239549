namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Geometry of a micro-panel (BLIS), the unit of packed weights: 32 rows side by side, so that one broadcast activation meets 32 weights
/// without a horizontal sum and decoding reads memory as one stream. Within it columns come in blocks of 32, the unit of scales.
/// 32 rows are four registers of 256 bits or two of 512.
/// </summary>
static class Panel
{
    /// <summary>Rows of a micro-panel (BLIS's m_R); the last one of a matrix is padded with rows of zeros.</summary>
    public const int Rows = 32;

    /// <summary>Columns that share a scale, of weights as well as of activations.</summary>
    public const int BlockLength = 32;

    /// <summary>Number of micro-panels of a matrix with <paramref name="rows"/> rows.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;
}
