namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Some blocks of a panel in one of the two forms that are multiplied: weight = (code - zero point) * scale + minimum. Narrow codes of
/// at most five bits are unsigned bytes, [blocks][8 groups][32 rows][4 columns]; wide ones are signed words,
/// [blocks][16 pairs][32 rows][2 columns].
/// </summary>
/// <param name="codes">The codes of all blocks.</param>
/// <param name="scales">[blocks][32 rows]</param>
/// <param name="minima">[blocks][32 rows]; only for formats that have minima.</param>
readonly unsafe struct ExpandedPanel(byte* codes, float* scales, float* minima)
{
    public byte* Codes { get; } = codes;

    public float* Scales { get; } = scales;

    public float* Minima { get; } = minima;

    /// <summary>The same from a later block on.</summary>
    public ExpandedPanel From(int block, CodeForm form) =>
        new(Codes + ((long)block * form.BlockBytes()), Scales + ((long)block * Panel.Rows), Minima + ((long)block * Panel.Rows));
}
