using System.Numerics;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

/// <summary>
/// hidden = gelu(gate) · up with the approximation of gelu by tanh (Hendrycks and Gimpel, 2016; Shazeer, 2020). Gate and up lie side by
/// side: [rows, 2 · width].
/// </summary>
static unsafe class GeGlu
{
    // gelu(g) = g · σ(2u) with u = sqrt(2 / π) · (g + 0.044715 g³), since (1 + tanh u) / 2 = σ(2u).
    const float Linear = 2 * 0.7978845608f;
    const float Cubic = Linear * 0.044715f;

    /// <param name="gateUp">[rows, 2 · width]</param>
    /// <param name="hidden">[rows, width]</param>
    public static void Forward(float* gateUp, float* hidden, int rows, int width)
    {
        for (var row = 0; row < rows; row++, gateUp += 2 * width, hidden += width)
        {
            for (var i = 0; i < width; i += Vector<float>.Count)
            {
                var gate = Vector.Load(gateUp + i);
                (gate * Sigmoid(gate) * Vector.Load(gateUp + width + i)).Store(hidden + i);
            }
        }
    }

    /// <summary>Writes the gradient of gate and up over <paramref name="gateUp"/>, which is not needed afterwards.</summary>
    /// <param name="gateUp">[rows, 2 · width]</param>
    /// <param name="dHidden">[rows, width]</param>
    public static void Backward(float* gateUp, float* dHidden, int rows, int width)
    {
        for (var row = 0; row < rows; row++, gateUp += 2 * width, dHidden += width)
        {
            for (var i = 0; i < width; i += Vector<float>.Count)
            {
                var gate = Vector.Load(gateUp + i);
                var up = Vector.Load(gateUp + width + i);
                var d = Vector.Load(dHidden + i);
                var sigmoid = Sigmoid(gate);

                // gelu'(g) = σ + g · σ · (1 − σ) · d(2u)/dg
                var slope = Vector.FusedMultiplyAdd(new Vector<float>(3 * Cubic), gate * gate, new Vector<float>(Linear));
                var derivative = sigmoid + (gate * sigmoid * (Vector<float>.One - sigmoid) * slope);
                (d * up * derivative).Store(gateUp + i);
                (d * gate * sigmoid).Store(gateUp + width + i);
            }
        }
    }

    static Vector<float> Sigmoid(Vector<float> gate)
    {
        var argument = gate * Vector.FusedMultiplyAdd(new Vector<float>(Cubic), gate * gate, new Vector<float>(Linear));
        return Vector<float>.One / (Vector<float>.One + VectorExp.Exp(-argument));
    }
}
