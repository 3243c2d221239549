namespace Noos.Inference.Kernels;

/// <summary>A storage format of one number a weight.</summary>
unsafe interface IFloatFormat
{
    static abstract string Name { get; }

    static abstract int ByteCount { get; }

    /// <summary>16 weights of a row from <paramref name="column"/> on.</summary>
    static abstract TLanes Load<TLanes>(byte* row, int column)
        where TLanes : unmanaged, ILanes<TLanes>;

    static abstract float LoadOne(byte* row, int column);

    static abstract void Copy(byte* row, int columns, float* destination);
}
