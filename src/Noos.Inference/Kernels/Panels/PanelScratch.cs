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

    const int MostBlocks = CodeBytes / (Panel.Rows * Panel.BlockLength);

    byte* _memory = (byte*)NativeMemory.AlignedAlloc(CodeBytes + (2 * MostBlocks * Panel.Rows * sizeof(float)), 64);

    public ExpandedPanel Expanded => new(_memory, (float*)(_memory + CodeBytes), (float*)(_memory + CodeBytes) + (MostBlocks * Panel.Rows));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
