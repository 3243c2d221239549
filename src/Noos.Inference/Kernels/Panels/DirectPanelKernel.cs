namespace Noos.Inference.Kernels.Panels;

/// <summary>Few tokens meet the panel as it is packed, many the expanded one.</summary>
sealed unsafe class DirectPanelKernel<TFormat, TLanes> : QuantizedPanelKernel<TFormat, TLanes>
    where TFormat : struct, IDirectFormat
    where TLanes : struct, IIntegerLanes
{
    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        if (tokens >= TokensPerTile)
        {
            base.MultiplyPanel(panel, columns, input, tokens, output, outputStride, scratch);
            return;
        }

        for (var token = 0; token < tokens; token++)
        {
            var offset = (long)token * input.Stride;
            DirectProduct<TFormat, TLanes>.Execute(
                panel, columns / Panel.BlockLength, input.Quants + offset, input.Factors + (offset / Panel.BlockLength), output + ((long)token * outputStride));
        }
    }
}
