namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Packs matrices of one storage format into micro-panels and multiplies them with activations: the seam between the forward pass and the
/// machine. An output depends on its weight row and its activation row alone, never on how rows and tokens were grouped, so batches
/// and threads cannot change a result. Stateless: threads may share it, each with a scratch of its own.
/// </summary>
abstract unsafe class PanelKernel
{
    /// <summary>Storage format and instruction set, for reports.</summary>
    public abstract string Name { get; }

    /// <summary>Instruction set that it needs.</summary>
    public abstract KernelTier Tier { get; }

    public abstract bool IsSupported { get; }

    /// <summary>Whether the products read the int8 form of the activations instead of the floats.</summary>
    public abstract bool QuantizesActivations { get; }

    /// <summary>Columns of one block of the file; a matrix must have a multiple of it.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Bytes of one packed panel [32 rows, columns].</summary>
    public abstract long PanelBytes(int columns);

    /// <summary>Packs one row.</summary>
    /// <param name="source">The row as the file has it; no alignment needed.</param>
    /// <param name="row">Its place in the panel, 0 .. 31; places that get no row stay zero.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="panel">[<see cref="PanelBytes"/>], all zero at first.</param>
    public abstract void PackRow(byte* source, int row, int columns, byte* panel);

    /// <summary>output[token, row] (+)= sum over columns of weight[row, column] * activation[token, column].</summary>
    /// <param name="panels">The packed matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="panelBegin">First panel to compute.</param>
    /// <param name="panelEnd">Panel after the last one to compute.</param>
    /// <param name="input">[tokens, columns], quantized if the kernel reads int8.</param>
    /// <param name="tokens">Number of activation rows.</param>
    /// <param name="output">[tokens, outputStride], room for whole panels.</param>
    /// <param name="outputStride">Distance of two tokens' outputs in floats.</param>
    /// <param name="accumulate">Add to the output instead of replacing it.</param>
    /// <param name="scratch">Owned by the calling thread.</param>
    public void Multiply(
        byte* panels, int columns, int panelBegin, int panelEnd, in ActivationView input, int tokens, float* output, int outputStride,
        bool accumulate,
        PanelScratch scratch)
    {
        var panelBytes = PanelBytes(columns);
        // tokens is 0 for the output matrix while the first parts of a prompt are read: nobody wants logits yet.
        for (var panel = panelBegin; panel < panelEnd && tokens > 0; panel++)
        {
            var destination = output + ((long)panel * Panel.Rows);
            // Kernels only add, chunk by chunk; so replacing means clearing first.
            for (var token = 0; token < tokens && !accumulate; token++)
            {
                new Span<float>(destination + ((long)token * outputStride), Panel.Rows).Clear();
            }

            MultiplyPanel(panels + (panel * panelBytes), columns, input, tokens, destination, outputStride, scratch);
        }
    }

    /// <summary>output[tokens, 32 rows] += products of one panel.</summary>
    protected abstract void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch);
}
