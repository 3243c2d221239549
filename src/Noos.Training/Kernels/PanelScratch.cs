namespace Noos.Training.Kernels;

/// <summary>Packs one right operand at a time, for a product that comes next, into memory of its own. Not thread-safe.</summary>
/// <param name="kernel">What multiplies.</param>
sealed unsafe class PanelScratch(TileKernel kernel) : IDisposable
{
    readonly PanelPacker _packer = new(kernel);
    readonly CellBuffer _panels = new();

    /// <summary>Bᵀ of B [columns, sum]; valid until the next call.</summary>
    public Panels PackTransposed(float* matrix, int columns, int sum)
    {
        var panels = Panels.At(_panels.Require(Panels.Length(kernel, sum, columns)), kernel, sum);
        _packer.PackTransposed(matrix, sum, columns, sum, panels);
        return panels;
    }

    /// <summary>B [sum, columns]; valid until the next call.</summary>
    public Panels Pack(float* matrix, int sum, int columns)
    {
        var panels = Panels.At(_panels.Require(Panels.Length(kernel, sum, columns)), kernel, sum);
        _packer.Pack(matrix, columns, columns, sum, panels);
        return panels;
    }

    public void Dispose()
    {
        _packer.Dispose();
        _panels.Dispose();
    }
}
