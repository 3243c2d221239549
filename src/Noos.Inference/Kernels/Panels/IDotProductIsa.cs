using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The integer products that everything rests on.</summary>
interface IDotProductIsa
{
    static abstract string Name { get; }

    static abstract KernelTier Tier { get; }

    static abstract bool IsSupported { get; }

    /// <summary>There is <see cref="DotAccumulate"/>, which does what the others do in two steps.</summary>
    static virtual bool HasDotAccumulate => false;

    /// <summary>Sums of two neighbouring products, which must stay within 16 bits.</summary>
    static abstract Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations);

    /// <summary>The same for signed bytes of magnitude up to 128 on the left and 127 on the right.</summary>
    static abstract Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations);

    /// <summary>Sums of two neighbouring products.</summary>
    static abstract Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right);

    /// <summary>Adds sums of four neighbouring products.</summary>
    static virtual Vector256<int> DotAccumulate(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> activations) => throw new NotSupportedException();
}
