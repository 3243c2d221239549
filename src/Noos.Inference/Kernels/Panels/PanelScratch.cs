using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// One thread's buffer for the unpacked part of a micro-panel. It is sized so that codes (16 KiB) and scales (8 KiB) stay in an L1 data
/// cache of 32 or 48 KiB together with the activations that they meet.
/// </summary>
sealed unsafe class PanelScratch : IDisposable
{
    /// <summary>
    /// Max bytes of codes that are unpacked at once: 16 blocks of bytes or 8 of int16, so a super-block of 256 columns fits.
    /// </summary>
    public const int CodeBytes = 16 << 10;

    /// <summary>Distance in floats of the four arrays of scales and minima: one float per row and block, 32 * 16.</summary>
    public const int ScaleCount = CodeBytes / Panel.BlockLength;

    byte* _memory = (byte*)NativeMemory.AlignedAlloc(CodeBytes + (4 * ScaleCount * sizeof(float)), 64);

    /// <summary>The whole buffer; codes are aligned to 64 bytes, and so are the arrays of scales behind them.</summary>
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
