using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

/// <summary>The reference: sixteen separate numbers.</summary>
unsafe struct LanesScalar : ILanes<LanesScalar>
{
    Floats _lanes;

    public static string Name => "scalar";

    public static bool IsSupported => true;

    public static LanesScalar Zero => default;

    public static LanesScalar Load(float* source)
    {
        LanesScalar result = default;
        new ReadOnlySpan<float>(source, 16).CopyTo(result._lanes);
        return result;
    }

    public static LanesScalar LoadHalf(ushort* source)
    {
        LanesScalar result = default;
        for (var i = 0; i < 16; i++)
        {
            result._lanes[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }

        return result;
    }

    public static LanesScalar MultiplyAdd(LanesScalar left, LanesScalar right, LanesScalar addend)
    {
        for (var i = 0; i < 16; i++)
        {
            addend._lanes[i] = MathF.FusedMultiplyAdd(left._lanes[i], right._lanes[i], addend._lanes[i]);
        }

        return addend;
    }

    public static float Sum(LanesScalar lanes)
    {
        for (var half = 8; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++)
            {
                lanes._lanes[i] += lanes._lanes[i + half];
            }
        }

        return lanes._lanes[0];
    }

    [InlineArray(16)]
    struct Floats
    {
        float _first;
    }
}
