namespace Noos.Inference.Kernels.Panels;

/// <summary>Type of the unpacked codes that a GEMM multiplies. It decides how many products may be summed in 16 bits.</summary>
enum CodeType
{
    /// <summary>Unsigned bytes up to 15: eight pair sums with int8 activations, 16 * 15 * 127 = 30480, fit int16: a whole block.</summary>
    UInt4,

    /// <summary>Unsigned bytes up to 31: four pair sums, 8 * 31 * 127 = 31496, fit int16; eight would not.</summary>
    UInt5,

    /// <summary>Unsigned bytes with bias 128, for vpdpbusd, which sums four products in int32 at once.</summary>
    BiasedUInt8,

    /// <summary>Signed int16; a block's sum of 32 products with int8 activations must stay below 2^24 to be exact as a float.</summary>
    Int16,
}

static class CodeTypes
{
    /// <summary>Bytes of an unpacked block [32 rows, 32 columns].</summary>
    public static int BlockBytes(this CodeType codeType) =>
        Panel.Rows * Panel.BlockLength * (codeType == CodeType.Int16 ? sizeof(short) : 1);
}
