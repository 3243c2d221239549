using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Rotary position embedding (RoPE; Su et al., arXiv:2104.09864) in the half-split layout of GPT-NeoX: element i of a head is rotated
/// together with element i + length/2 by position * base^(-2i/length).
/// </summary>
static unsafe class RotaryEmbedding
{
    /// <summary>Cosines, then sines, of all angles at one position, in double precision: angles of long contexts need it.</summary>
    /// <param name="position">Position of the token, from 0.</param>
    /// <param name="frequencies">Angle per position of each pair, in radians.</param>
    /// <param name="magnitude">Factor of cosines and sines (attention factor of YaRN), else 1.</param>
    /// <param name="cosSin">[2 * frequencies.Length]</param>
    public static void ComputeCosSin(int position, double[] frequencies, float magnitude, float* cosSin)
    {
        for (var i = 0; i < frequencies.Length; i++)
        {
            // Reduced and evaluated as double; only the results are rounded to float.
            var (sine, cosine) = Math.SinCos(position * frequencies[i]);
            cosSin[i] = (float)cosine * magnitude;
            cosSin[i + frequencies.Length] = (float)sine * magnitude;
        }
    }

    /// <summary>Rotates one head in place.</summary>
    /// <param name="head">[2 * half]</param>
    /// <param name="half">Half of the number of elements that are rotated.</param>
    /// <param name="cosSin">What <see cref="ComputeCosSin"/> wrote for the position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* head, int half, float* cosSin)
    {
        var i = 0;
        for (; i + 8 <= half; i += 8)
        {
            // Both halves are read before either is written: the rotation is in place.
            var first = Vector256.Load(head + i);
            var second = Vector256.Load(head + half + i);
            var cosine = Vector256.Load(cosSin + i);
            var sine = Vector256.Load(cosSin + half + i);
            ((first * cosine) - (second * sine)).Store(head + i);
            ((second * cosine) + (first * sine)).Store(head + half + i);
        }

        // The tail of a half that is not a multiple of eight.
        Scalar(head, half, cosSin, i);
    }

    /// <summary>The scalar reference of <see cref="Execute"/>.</summary>
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
