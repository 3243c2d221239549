using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>Sums and multiples of rows of floats; no alignment needed.</summary>
static unsafe class VectorMath
{
    /// <summary>destination += source</summary>
    public static void Add(float* source, float* destination, int length) => AddScaled(source, 1, destination, length);

    /// <summary>destination += source * factor, fused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* source, float factor, float* destination, int length)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            Vector256.FusedMultiplyAdd(Vector256.Load(source + i), Vector256.Create(factor), Vector256.Load(destination + i))
                .Store(destination + i);
        }

        for (; i < length; i++)
        {
            // Fused as above, so an element does not depend on where a range ends.
            destination[i] = MathF.FusedMultiplyAdd(source[i], factor, destination[i]);
        }
    }

    /// <summary>destination *= source</summary>
    public static void Multiply(float* source, float* destination, int length)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            (Vector256.Load(source + i) * Vector256.Load(destination + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] *= source[i];
        }
    }

    /// <summary>values *= factor</summary>
    public static void Scale(float* values, float factor, int length)
    {
        // Most models have no such factor; 1 costs nothing.
        for (var i = 0; i < length && factor != 1; i++)
        {
            values[i] *= factor;
        }
    }
}
