using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>The reference: one byte after the other.</summary>
readonly struct Q8DotScalar : IQ8Dot
{
    public static string Name => "scalar";

    public static bool IsSupported => true;

    public static Vector256<int> Multiply(Vector256<sbyte> weights, Vector256<sbyte> activations)
    {
        Span<int> lanes = stackalloc int[8];
        for (var i = 0; i < Q8Block.Length; i++)
        {
            lanes[i / 4] += weights[i] * activations[i];
        }

        return Vector256.Create<int>(lanes);
    }
}
