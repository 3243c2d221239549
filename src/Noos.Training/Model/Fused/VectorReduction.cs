using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>Horizontal reductions of one vector that the library lacks.</summary>
static class VectorReduction
{
    /// <summary>The largest lane.</summary>
    public static float Max(Vector<float> vector)
    {
        var maximum = vector[0];
        for (var lane = 1; lane < Vector<float>.Count; lane++)
        {
            maximum = MathF.Max(maximum, vector[lane]);
        }

        return maximum;
    }
}
