using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>A storage format of one floating-point number a weight.</summary>
unsafe interface IFloatFormat
{
    static abstract string Name { get; }

    static abstract int ByteCount { get; }

    /// <summary>Writes a float in the format.</summary>
    static abstract void Store(float value, byte* destination);

    /// <summary>Eight neighbouring numbers.</summary>
    static abstract Vector256<float> Load(byte* source);
}
