using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Packing, which all kernels of a quantized format share, whatever instructions they multiply with.</summary>
abstract unsafe class PackedPanelKernel<TFormat> : PanelKernel
    where TFormat : struct, IPanelFormat
{
    static readonly int s_fileBlockBytes = GgufTensorLayout.For(TFormat.Type).BlockBytes;

    public sealed override bool QuantizesActivations => true;

    public sealed override int BlockLength => TFormat.BlockLength;

    public sealed override long PanelBytes(int columns) => columns / TFormat.BlockLength * (long)TFormat.PanelBytes;

    public sealed override void PackRow(byte* source, int row, int columns, byte* panel)
    {
        for (var column = 0; column < columns; column += TFormat.BlockLength)
        {
            // Stored blocks of a panel follow each other, so that a GEMV reads one stream.
            TFormat.PackBlock(source, row, panel);
            source += s_fileBlockBytes;
            panel += TFormat.PanelBytes;
        }
    }
}
