using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// How a storage format of GGUF is packed into panels and read by the kernels. A new format is one file: packing copies the bits of a
/// block to where a panel has them, expanding makes codes and scales of a whole panel for many tokens. A single token meets the panel
/// as it is packed, since expanding what is read only once would cost as much as multiplying it; the results are the same bits.
/// </summary>
unsafe interface IPanelFormat
{
    static abstract GgufTensorType Type { get; }

    /// <summary>Columns of one stored block: a multiple of 32.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes of one stored block of a panel of 32 rows.</summary>
    static abstract int PanelBytes { get; }

    static abstract CodeType CodeType { get; }

    /// <summary>The code that stands for zero.</summary>
    static abstract int ZeroPoint { get; }

    /// <summary>Weights have a minimum (an offset that is a float of its own).</summary>
    static abstract bool HasMinima { get; }

    /// <summary>As bytes, each half of a block of 32 columns has a scale of its own, a whole number, below the scale of the block.</summary>
    static virtual bool HasHalfScales => false;

    /// <summary>Puts one row's block, as the file has it, into a packed panel.</summary>
    /// <param name="block">The bytes of the row's block.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="panel">[<see cref="PanelBytes"/>]</param>
    static abstract void PackBlock(byte* block, int row, byte* panel);

    /// <summary>Makes <see cref="BlockLength"/> / 32 expanded blocks of one packed block.</summary>
    static abstract void Unpack(byte* panel, UnpackedPanel unpacked);

    /// <summary>The same in the form <see cref="CodeType.BiasedUInt8"/>, for formats whose own form is <see cref="CodeType.Int16"/>.</summary>
    static virtual void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked) => throw new NotSupportedException();

    /// <summary>Sums over one of the blocks of 32 columns of (code - zero point) * activation, whole numbers below 2^24.</summary>
    static abstract PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa;

    /// <summary>For formats whose stored blocks are longer than 32 columns: what the scales (and minima) of one have in common.</summary>
    /// <param name="superScales">[32 rows], then [32 rows] for those of the minima.</param>
    static virtual void LoadSuperScales(byte* panel, float* superScales)
    {
    }

    /// <summary>What the sums of a block of 32 columns are to be multiplied with.</summary>
    static abstract PanelRow<float> LoadScales(byte* panel, int block, float* superScales);

    /// <summary>The minima of a block of 32 columns, of formats that have them.</summary>
    static virtual PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) => throw new NotSupportedException();
}
