namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// A format that one token can meet as it is packed. Where a panel is read only once, expanding it first would cost as much as
/// multiplying; the results are the same bits. All members speak of one block of 32 columns.
/// </summary>
unsafe interface IDirectFormat : IPanelFormat
{
    /// <summary>Sums over the block of (code - zero point) * activation, whole numbers below 2^24.</summary>
    static abstract Rows32<int> Products<TLanes>(byte* panel, int block, sbyte* quants, BlockFactors* factors)
        where TLanes : struct, IIntegerLanes;

    static abstract Rows32<float> Scales(byte* panel, int block);

    /// <summary>Only asked of formats that have minima.</summary>
    static abstract Rows32<float> Minima(byte* panel, int block);
}
