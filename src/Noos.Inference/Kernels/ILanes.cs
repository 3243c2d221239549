namespace Noos.Inference.Kernels;

/// <summary>
/// Sixteen float lanes, in whatever registers the machine has. Every width does the same arithmetic in the same order (fused
/// multiply-add a lane, then a fixed tree of sums), so a product is the same bit for bit on every machine.
/// </summary>
unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Load(float* source);

    /// <summary>Loads 16 finite IEEE 754 half-precision numbers.</summary>
    static abstract TSelf LoadHalf(ushort* source);

    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The sum of all lanes: lane i with lane i+8, then i+4, i+2, i+1.</summary>
    static abstract float Sum(TSelf lanes);
}
