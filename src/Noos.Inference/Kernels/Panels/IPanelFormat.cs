using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// How a GGUF tensor type is packed into micro-panels and read by the kernels. A new format is one file: packing copies the bits of a block
/// to where a panel has them; unpacking makes codes and scales of a panel for many tokens. A single token multiplies the panel as it is
/// packed, since unpacking what is read only once would cost as much as multiplying it; the results are the same bits.
/// </summary>
unsafe interface IPanelFormat
{
    static abstract GgufTensorType Type { get; }

    /// <summary>Columns of one stored block: 32, or 256 for super-blocks.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes of one packed block [32 rows, <see cref="BlockLength"/> columns].</summary>
    static abstract int PanelBytes { get; }

    static abstract CodeType CodeType { get; }

    /// <summary>The code that stands for zero; 0 for signed codes and for formats with minima.</summary>
    static abstract int ZeroPoint { get; }

    /// <summary>Whether weight = code * scale + minimum, with a minimum per block.</summary>
    static abstract bool HasMinima { get; }

    /// <summary>
    /// Whether, as biased bytes, each half (16 columns) of a block has an integer scale of its own below the scale of the block. As int16
    /// codes the format multiplies it into the codes.
    /// </summary>
    static virtual bool HasHalfScales => false;

    /// <summary>Packs one row's stored block.</summary>
    /// <param name="block">The block as the file has it.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="panel">[<see cref="PanelBytes"/>]</param>
    static abstract void PackBlock(byte* block, int row, byte* panel);

    /// <summary>
    /// Unpacks one packed block to <see cref="BlockLength"/> / 32 blocks of type <see cref="CodeType"/> with scales and minima.
    /// </summary>
    static abstract void Unpack(byte* panel, UnpackedPanel unpacked);

    /// <summary>The same to <see cref="CodeType.BiasedUInt8"/>, for formats whose own type is <see cref="CodeType.Int16"/>.</summary>
    static virtual void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked) => throw new NotSupportedException();

    /// <summary>
    /// Per row the sum over one block of 32 columns of (code - zero point) * activation, half-block scales included: an integer below 2^24.
    /// </summary>
    static abstract PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa;

    /// <summary>For super-blocks: loads what the scales (and minima) of their blocks are multiplied with; ggml's d and dmin.</summary>
    /// <param name="superScales">[32 rows], then [32 rows] for those of the minima.</param>
    static virtual void LoadSuperScales(byte* panel, float* superScales)
    {
    }

    /// <summary>Per row the scale of a block of 32 columns.</summary>
    static abstract PanelRow<float> LoadScales(byte* panel, int block, float* superScales);

    /// <summary>Per row the minimum of a block of 32 columns, for formats that have minima.</summary>
    static virtual PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) => throw new NotSupportedException();
}
