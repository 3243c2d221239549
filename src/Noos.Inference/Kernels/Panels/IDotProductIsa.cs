using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// The multiply-add instructions of one instruction set, as static members so that the JIT specializes each kernel for it. All
/// implementations return the same bits as long as callers keep to the bounds stated here.
/// </summary>
interface IDotProductIsa
{
    static abstract string Name { get; }

    static abstract KernelTier Tier { get; }

    static abstract bool IsSupported { get; }

    /// <summary>Whether <see cref="DotAccumulate"/> exists, which does in one instruction what the others do in two.</summary>
    static virtual bool HasDotAccumulate => false;

    /// <summary>
    /// Sums of two neighbouring u8 * s8 products (vpmaddubsw). Each sum must fit int16: AVX2 saturates where the portable version wraps.
    /// </summary>
    static abstract Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations);

    /// <summary>
    /// The same for s8 * s8, codes in -128 .. 127 and activations in -127 .. 127: at most 2 * 128 * 127 = 32512, which fits int16.
    /// </summary>
    static abstract Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations);

    /// <summary>Sums of two neighbouring s16 * s16 products in int32 (vpmaddwd); exact unless all four factors are -32768.</summary>
    static abstract Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right);

    /// <summary>sums + sums of four neighbouring u8 * s8 products, in int32 without intermediate saturation (vpdpbusd).</summary>
    static virtual Vector256<int> DotAccumulate(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> activations) =>
        throw new NotSupportedException();
}
