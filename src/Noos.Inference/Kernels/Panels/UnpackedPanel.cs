namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Some blocks of a micro-panel, unpacked for a GEMM: weight = (code - zero point) * scale + minimum. Byte codes are
/// [blocks][8 groups][32 rows][4 columns], int16 codes [blocks][16 pairs][32 rows][2 columns]: what one multiply-add instruction sums
/// lies side by side, and one load covers consecutive rows. A view of a <see cref="PanelScratch"/>, which owns the memory.
/// </summary>
/// <param name="codes">The codes of all blocks, aligned to 64 bytes.</param>
/// <param name="scales">[blocks][32 rows]</param>
/// <param name="minima">[blocks][32 rows]; only for formats that have minima.</param>
/// <param name="firstScales">[blocks][32 rows]; only for formats that have half-block scales: those of columns 0 .. 15.</param>
/// <param name="secondScales">[blocks][32 rows]; those of columns 16 .. 31.</param>
readonly unsafe struct UnpackedPanel(byte* codes, float* scales, float* minima, float* firstScales, float* secondScales)
{
    public byte* Codes { get; } = codes;

    public float* Scales { get; } = scales;

    public float* Minima { get; } = minima;

    public float* FirstScales { get; } = firstScales;

    public float* SecondScales { get; } = secondScales;

    /// <summary>The same view, beginning at a later block.</summary>
    public UnpackedPanel Slice(int block, CodeType codeType)
    {
        var rows = (nint)block * Panel.Rows;
        return new(Codes + ((long)block * codeType.BlockBytes()), Scales + rows, Minima + rows, FirstScales + rows, SecondScales + rows);
    }
}
