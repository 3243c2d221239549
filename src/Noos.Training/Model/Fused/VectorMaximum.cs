using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>The largest lane of a vector, for which the library has no form.</summary>
static class VectorMaximum
{
    public static float Of(Vector<float> vector)
    {
        var maximum = vector[0];
        for (var lane = 1; lane < Vector<float>.Count; lane++)
        {
            maximum = MathF.Max(maximum, vector[lane]);
        }

        return maximum;
    }
}
