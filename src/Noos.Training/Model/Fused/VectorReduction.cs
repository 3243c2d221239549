using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>Reductions that the library lacks.</summary>
static unsafe class VectorReduction
{
    /// <summary>The largest of some values; of NaN none is found.</summary>
    /// <param name="values">[length], whole vectors</param>
    public static float Max(float* values, int length)
    {
        var lanes = Vector<float>.Count;
        var largest = new Vector<float>(float.NegativeInfinity);
        for (var i = 0; i < length; i += lanes)
        {
            largest = Vector.MaxNative(largest, Vector.Load(values + i));
        }

        var maximum = largest[0];
        for (var lane = 1; lane < lanes; lane++)
        {
            maximum = MathF.Max(maximum, largest[lane]);
        }

        return maximum;
    }
}
