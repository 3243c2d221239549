namespace Noos.Inference.Kernels.Panels;

/// <summary>What codes are while they are multiplied, which decides how many products fit into a 16-bit sum.</summary>
enum CodeType
{
    /// <summary>Unsigned bytes up to 15: eight sums of two products with 8-bit activations stay below 2^15.</summary>
    UInt4,

    /// <summary>Unsigned bytes up to 31: four sums of two products.</summary>
    UInt5,

    /// <summary>Unsigned bytes around 128, for processors that sum four products in 32 bits at once.</summary>
    BiasedUInt8,

    /// <summary>Signed words; 32 products with 8-bit activations must stay below 2^24, to be exact as a float.</summary>
    Int16,
}

static class CodeTypes
{
    /// <summary>Bytes of a block of 32 rows and 32 columns.</summary>
    public static int BlockBytes(this CodeType codeType) => Panel.Rows * Panel.BlockLength * (codeType == CodeType.Int16 ? sizeof(short) : 1);
}
