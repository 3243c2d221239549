using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// One thread's place for the expanded part of a panel. It is as large as a first-level cache holds together with the activations that
/// it meets.
/// </summary>
sealed unsafe class PanelScratch : IDisposable
{
    /// <summary>Most bytes of codes that are expanded at once.</summary>
    public const int CodeBytes = 16 << 10;

    /// <summary>Distance of the four arrays of scales and minima, in floats.</summary>
    public const int ScaleCount = CodeBytes / Panel.BlockLength;

    byte* _memory = (byte*)NativeMemory.AlignedAlloc(CodeBytes + (4 * ScaleCount * sizeof(float)), 64);

    public UnpackedPanel Unpacked
    {
        get
        {
            var scales = (float*)(_memory + CodeBytes);
            return new(_memory, scales, scales + ScaleCount, scales + (2 * ScaleCount), scales + (3 * ScaleCount));
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
