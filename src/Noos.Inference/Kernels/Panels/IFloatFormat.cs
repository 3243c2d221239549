using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Floating-point storage format of packed weights.</summary>
unsafe interface IFloatFormat
{
    static abstract string Name { get; }

    /// <summary>Bytes of one number.</summary>
    static abstract int ByteCount { get; }

    /// <summary>Converts and writes one number.</summary>
    static abstract void Store(float value, byte* destination);

    /// <summary>Loads eight neighbouring numbers as floats; no alignment needed.</summary>
    static abstract Vector256<float> Load(byte* source);
}
