using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>gate[i] = gate[i] * sigmoid(gate[i]) * up[i] (Shazeer 2020), in place.</summary>
static unsafe class SwiGlu
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* gate, float* up, int length)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            var value = Vector256.Load(gate + i);
            (value / (Vector256<float>.One + Vector256.Exp(-value)) * Vector256.Load(up + i)).Store(gate + i);
        }

        for (; i < length; i++)
        {
            // The same exponential as above: an element must not depend on where a thread's range ends.
            var exponential = Vector256.Exp(Vector256.CreateScalar(-gate[i])).ToScalar();
            gate[i] = gate[i] / (1 + exponential) * up[i];
        }
    }

    /// <summary>The reference of <see cref="Execute"/>.</summary>
    public static void ExecuteScalar(float* gate, float* up, int length)
    {
        for (var i = 0; i < length; i++)
        {
            gate[i] = (float)(gate[i] / (1 + Math.Exp(-gate[i])) * up[i]);
        }
    }
}
