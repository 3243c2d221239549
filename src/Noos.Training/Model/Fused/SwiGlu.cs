using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>hidden = silu(gate) · up; Shazeer, 2020. Gate and up lie side by side: [rows, 2 · width].</summary>
static unsafe class SwiGlu
{
    /// <param name="gateUp">[rows, 2 · width]</param>
    /// <param name="hidden">[rows, width]</param>
    public static void Forward(float* gateUp, float* hidden, int rows, int width)
    {
        var lanes = Vector<float>.Count;
        for (var row = 0; row < rows; row++, gateUp += 2 * width, hidden += width)
        {
            for (var i = 0; i < width; i += lanes)
            {
                var gate = Vector.Load(gateUp + i);
                var sigmoid = Vector<float>.One / (Vector<float>.One + VectorExp.Exp(-gate));
                (gate * sigmoid * Vector.Load(gateUp + width + i)).Store(hidden + i);
            }
        }
    }

    /// <summary>Writes the gradient of gate and up over <paramref name="gateUp"/>, which is not needed afterwards.</summary>
    /// <param name="gateUp">[rows, 2 · width]</param>
    /// <param name="dHidden">[rows, width]</param>
    public static void Backward(float* gateUp, float* dHidden, int rows, int width)
    {
        var lanes = Vector<float>.Count;
        for (var row = 0; row < rows; row++, gateUp += 2 * width, dHidden += width)
        {
            for (var i = 0; i < width; i += lanes)
            {
                var gate = Vector.Load(gateUp + i);
                var up = Vector.Load(gateUp + width + i);
                var d = Vector.Load(dHidden + i);
                var sigmoid = Vector<float>.One / (Vector<float>.One + VectorExp.Exp(-gate));
                var silu = gate * sigmoid;

                // silu'(g) = σ + silu·(1 − σ)
                (d * up * Vector.FusedMultiplyAdd(silu, Vector<float>.One - sigmoid, sigmoid)).Store(gateUp + i);
                (d * silu).Store(gateUp + width + i);
            }
        }
    }
}
