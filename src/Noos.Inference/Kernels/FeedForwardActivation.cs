using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Language.Architectures;

namespace Noos.Inference.Kernels;

/// <summary>
/// Gated activation functions of the feed-forward network, <see cref="Activation"/>: gate = f(gate) * up, in place. Tails use the same
/// exponential as full registers, so an element does not depend on where a thread's range ends.
/// </summary>
static unsafe class FeedForwardActivation
{
    const float GeluScale = 0.7978845608f; // sqrt(2 / pi)
    const float GeluCubic = 0.044715f;
    const float ClampedSlope = 1.702f;
    const float ClampedLimit = 7;

    /// <summary>gate[i] = f(gate[i]) * up[i]; the clamped function adds 1 to up (gpt-oss).</summary>
    /// <param name="activation">The function f.</param>
    /// <param name="gate">[length], replaced by the result.</param>
    /// <param name="up">[length]</param>
    /// <param name="length">Number of elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(Activation activation, float* gate, float* up, int length)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            Apply(activation, Vector256.Load(gate + i), Vector256.Load(up + i)).Store(gate + i);
        }

        for (; i < length; i++)
        {
            // The vector function on one lane: the same bits as in a full register.
            gate[i] = Apply(activation, Vector256.CreateScalar(gate[i]), Vector256.CreateScalar(up[i])).ToScalar();
        }
    }

    /// <summary>The reference of <see cref="Execute"/>, in double precision.</summary>
    public static void ExecuteScalar(Activation activation, float* gate, float* up, int length)
    {
        for (var i = 0; i < length; i++)
        {
            double x = gate[i];
            double y = up[i];
            switch (activation)
            {
                case Activation.GeGlu:
                    gate[i] = (float)(0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) * y);
                    break;
                case Activation.ClampedSwiGlu:
                    x = Math.Min(x, 7);
                    gate[i] = (float)(x / (1 + Math.Exp(-1.702 * x)) * (Math.Clamp(y, -7, 7) + 1));
                    break;
                default:
                    gate[i] = (float)(x / (1 + Math.Exp(-x)) * y);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Apply(Activation activation, Vector256<float> gate, Vector256<float> up)
    {
        switch (activation)
        {
            case Activation.GeGlu:
                // The tanh approximation of GELU (Hendrycks and Gimpel, arXiv:1606.08415): 0.5 (1 + tanh z) = sigmoid(2 z).
                var cubic = gate * gate * gate * GeluCubic;
                return gate * Sigmoid((gate + cubic) * (2 * GeluScale)) * up;
            case Activation.ClampedSwiGlu:
                gate = Vector256.Min(gate, Vector256.Create(ClampedLimit));
                up = Vector256.Min(Vector256.Max(up, Vector256.Create(-ClampedLimit)), Vector256.Create(ClampedLimit));
                return gate * Sigmoid(gate * ClampedSlope) * (up + Vector256<float>.One);
            default:
                return gate * Sigmoid(gate) * up;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Sigmoid(Vector256<float> values)
    {
        // With e = exp(-|x|), which cannot overflow: 1 / (1 + e) for x >= 0, else e / (1 + e).
        var exponential = Exp2.Approximate(Vector256.Abs(values) * -Exp2.Log2E);
        var numerator = Vector256.ConditionalSelect(Vector256.LessThan(values, Vector256<float>.Zero), exponential, Vector256<float>.One);
        return numerator / (Vector256<float>.One + exponential);
    }
}
