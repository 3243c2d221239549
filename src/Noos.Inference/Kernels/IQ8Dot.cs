using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// The exact integer part of a Q8_0 product: lane i is the sum of weight * activation over bytes 4i .. 4i+3 of a block.
/// Weights may be any signed byte, activations lie in -127 .. 127.
/// </summary>
interface IQ8Dot
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    static abstract Vector256<int> Multiply(Vector256<sbyte> weights, Vector256<sbyte> activations);
}
