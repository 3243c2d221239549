using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Weights;

/// <summary>A packed weight matrix [rows, columns] with the kernel for its storage format.</summary>
sealed unsafe class WeightMatrix(PanelKernel kernel, int rows, int columns)
{
    byte* _panels;

    public int Rows => rows;

    public int Columns => columns;

    public int PanelCount => Panel.Count(rows);

    public bool QuantizesActivations => kernel.QuantizesActivations;

    /// <summary>Bytes of the packed matrix, a multiple of a cache line.</summary>
    public long ByteCount => ((PanelCount * PanelBytes) + 63) / 64 * 64;

    long PanelBytes => kernel.PanelBytes(columns);

    /// <summary>Says where the packed matrix is to lie.</summary>
    public void Place(byte* panels) => _panels = panels;

    /// <summary>Packs one panel.</summary>
    /// <param name="source">The matrix as the file has it.</param>
    /// <param name="rowBytes">Bytes of one of its rows.</param>
    /// <param name="order">Which row of the file stands at a row of the matrix.</param>
    /// <param name="panel">0 .. <see cref="PanelCount"/> - 1</param>
    public void Pack(byte* source, long rowBytes, RowOrder order, int panel)
    {
        var destination = _panels + (panel * PanelBytes);
        var first = panel * Panel.Rows;
        for (var row = first; row < Math.Min(first + Panel.Rows, rows); row++)
        {
            kernel.PackRow(source + (order.SourceOf(row) * rowBytes), row - first, columns, destination);
        }
    }

    /// <inheritdoc cref="PanelKernel.Multiply"/>
    public void Multiply(
        int panelBegin, int panelEnd, in ActivationView input, int tokens, float* output, int outputStride, bool accumulate,
        PanelScratch scratch) =>
        kernel.Multiply(_panels, columns, panelBegin, panelEnd, input, tokens, output, outputStride, accumulate, scratch);
}
