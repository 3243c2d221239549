namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Some blocks of a panel in one of the forms that are multiplied: weight = (code - zero point) * scale + minimum. Bytes stand as
/// [blocks][8 groups][32 rows][4 columns], signed words as [blocks][16 pairs][32 rows][2 columns].
/// </summary>
/// <param name="codes">The codes of all blocks.</param>
/// <param name="scales">[blocks][32 rows]</param>
/// <param name="minima">[blocks][32 rows]; only for formats that have minima.</param>
/// <param name="firstScales">[blocks][32 rows]; only for formats that have half scales: those of the first 16 columns.</param>
/// <param name="secondScales">[blocks][32 rows]; those of the other 16.</param>
readonly unsafe struct UnpackedPanel(byte* codes, float* scales, float* minima, float* firstScales, float* secondScales)
{
    public byte* Codes { get; } = codes;

    public float* Scales { get; } = scales;

    public float* Minima { get; } = minima;

    public float* FirstScales { get; } = firstScales;

    public float* SecondScales { get; } = secondScales;

    /// <summary>The same from a later block on.</summary>
    public UnpackedPanel Slice(int block, CodeType codeType)
    {
        var rows = (nint)block * Panel.Rows;
        return new(Codes + ((long)block * codeType.BlockBytes()), Scales + rows, Minima + rows, FirstScales + rows, SecondScales + rows);
    }
}
