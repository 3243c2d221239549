using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Rotary positions (Su et al. 2021) in the half-split layout of GPT-NeoX: element i of a head turns together with element
/// i + length/2 by position * base^(-2i/length).
/// </summary>
static unsafe class RotaryEmbedding
{
    /// <summary>Cosines, then sines, of all angles at one position.</summary>
    /// <param name="position">Counted from 0.</param>
    /// <param name="frequencies">The angles' speeds.</param>
    /// <param name="magnitude">What cosines and sines are multiplied with.</param>
    /// <param name="cosSin">[2 * frequencies.Length]</param>
    public static void ComputeCosSin(int position, double[] frequencies, float magnitude, float* cosSin)
    {
        for (var i = 0; i < frequencies.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(position * frequencies[i]);
            cosSin[i] = (float)cosine * magnitude;
            cosSin[i + frequencies.Length] = (float)sine * magnitude;
        }
    }

    /// <summary>Turns one head in place.</summary>
    /// <param name="head">[2 * half]</param>
    /// <param name="half">Half of the head's length.</param>
    /// <param name="cosSin">What <see cref="ComputeCosSin"/> wrote for the position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* head, int half, float* cosSin)
    {
        var i = 0;
        for (; i + 8 <= half; i += 8)
        {
            var first = Vector256.Load(head + i);
            var second = Vector256.Load(head + half + i);
            var cosine = Vector256.Load(cosSin + i);
            var sine = Vector256.Load(cosSin + half + i);
            ((first * cosine) - (second * sine)).Store(head + i);
            ((second * cosine) + (first * sine)).Store(head + half + i);
        }

        Scalar(head, half, cosSin, i);
    }

    /// <summary>The reference of <see cref="Execute"/>.</summary>
    public static void ExecuteScalar(float* head, int half, float* cosSin) => Scalar(head, half, cosSin, 0);

    static void Scalar(float* head, int half, float* cosSin, int begin)
    {
        for (var i = begin; i < half; i++)
        {
            var (first, second) = (head[i], head[half + i]);
            head[i] = (first * cosSin[i]) - (second * cosSin[half + i]);
            head[half + i] = (second * cosSin[i]) + (first * cosSin[half + i]);
        }
    }
}
