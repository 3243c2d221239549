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
    /// <param name="turns">[2 * frequencies.Length]</param>
    public static void Turn(int position, double[] frequencies, float magnitude, float* turns)
    {
        for (var i = 0; i < frequencies.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(position * frequencies[i]);
            turns[i] = (float)cosine * magnitude;
            turns[i + frequencies.Length] = (float)sine * magnitude;
        }
    }

    /// <summary>Turns one head in place.</summary>
    /// <param name="head">[2 * half]</param>
    /// <param name="half">Half of the head's length.</param>
    /// <param name="turns">What <see cref="Turn"/> wrote for the position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* head, int half, float* turns)
    {
        var i = 0;
        for (; i + 8 <= half; i += 8)
        {
            var first = Vector256.Load(head + i);
            var second = Vector256.Load(head + half + i);
            var cosine = Vector256.Load(turns + i);
            var sine = Vector256.Load(turns + half + i);
            ((first * cosine) - (second * sine)).Store(head + i);
            ((second * cosine) + (first * sine)).Store(head + half + i);
        }

        Scalar(head, half, turns, i);
    }

    /// <summary>The reference of <see cref="Execute"/>.</summary>
    public static void ExecuteScalar(float* head, int half, float* turns) => Scalar(head, half, turns, 0);

    static void Scalar(float* head, int half, float* turns, int begin)
    {
        for (var i = begin; i < half; i++)
        {
            var (first, second) = (head[i], head[half + i]);
            head[i] = (first * turns[i]) - (second * turns[half + i]);
            head[half + i] = (second * turns[i]) + (first * turns[half + i]);
        }
    }
}
