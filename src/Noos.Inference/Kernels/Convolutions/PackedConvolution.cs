namespace Noos.Inference.Kernels.Convolutions;

/// <summary>
/// A convolution over time with stride 1, its weights in the order in which the kernel reads them: four output channels side by side.
/// Immutable after it is made; <see cref="Execute"/> may be called by many threads, each for other times.
/// </summary>
sealed unsafe class PackedConvolution : IDisposable
{
    // A part of the input that stays in the second-level cache while all output channels go over it.
    const int ScratchBytes = 512 << 10;

    readonly NativeBuffer<float> _weights = new();
    readonly NativeBuffer<float> _bias = new();

    /// <param name="weights">[output channels, input channels, taps]</param>
    /// <param name="bias">Per output channel; empty for none.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="taps">Length of the kernel.</param>
    /// <param name="dilation">Times between neighbouring taps.</param>
    public PackedConvolution(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int outputs, int inputs, int taps, int dilation)
    {
        if (weights.Length != (long)outputs * inputs * taps || (bias.Length != 0 && bias.Length != outputs) || dilation < 1)
        {
            throw new ArgumentException("The weights do not have the shape that is said.", nameof(weights));
        }

        (Outputs, Inputs, Taps, Dilation) = (outputs, inputs, taps, dilation);
        var blocks = (outputs + ConvolutionTile.Rows - 1) / ConvolutionTile.Rows;
        _weights.Reserve((long)blocks * inputs * taps * ConvolutionTile.Rows);
        _bias.Reserve(blocks * ConvolutionTile.Rows);
        new Span<float>(_bias.Start, blocks * ConvolutionTile.Rows).Clear();
        bias.CopyTo(new Span<float>(_bias.Start, blocks * ConvolutionTile.Rows));
        var to = _weights.Start;
        for (var block = 0; block < blocks; block++)
        {
            for (var tap = 0; tap < inputs * taps; tap++)
            {
                for (var row = 0; row < ConvolutionTile.Rows; row++)
                {
                    // Rows beyond the last channel are computed and thrown away.
                    var output = (block * ConvolutionTile.Rows) + row;
                    *to++ = output < outputs ? weights[(output * inputs * taps) + tap] : 0;
                }
            }
        }
    }

    public int Outputs { get; }

    public int Inputs { get; }

    public int Taps { get; }

    public int Dilation { get; }

    /// <summary>Times from the first to the last tap.</summary>
    public int Span => (Taps - 1) * Dilation;

    /// <summary>How many times a call of <see cref="Execute"/> should compute: a multiple of the kernel's tile.</summary>
    /// <param name="times">All of them.</param>
    /// <param name="threads">Among so many threads.</param>
    public int PartLength(int times, int threads)
    {
        const int Tile = ConvolutionTile.Columns;
        var fitting = Math.Max((ScratchBytes / sizeof(float) / Inputs) - Span, Tile) / Tile * Tile;
        var share = ((((times + threads - 1) / threads) + Tile - 1) / Tile) * Tile;
        return Math.Max(Math.Min(fitting, share), Tile);
    }

    /// <summary>Computes some times of all output channels.</summary>
    /// <param name="input">[Inputs, <paramref name="length"/>]</param>
    /// <param name="length">Times of the input.</param>
    /// <param name="offset">
    /// Where in the input tap 0 of output time 0 stands; negative where the input is padded. Outside it is zero.
    /// </param>
    /// <param name="slope">Of the leaky rectifier that the input goes through; 1 for none.</param>
    /// <param name="output">[Outputs, <paramref name="stride"/>]</param>
    /// <param name="stride">Floats between output channels.</param>
    /// <param name="start">First output time.</param>
    /// <param name="count">Output times.</param>
    public void Execute(float* input, int length, int offset, float slope, float* output, int stride, int start, int count)
    {
        using var scratch = new NativeBuffer<float>();
        var padded = ((count + ConvolutionTile.Columns - 1) / ConvolutionTile.Columns * ConvolutionTile.Columns) + Span;
        scratch.Reserve(((long)padded * Inputs) + (ConvolutionTile.Rows * ConvolutionTile.Columns));
        for (var channel = 0; channel < Inputs; channel++)
        {
            Fill(
                input + ((long)channel * length), length, start + offset, slope,
                new Span<float>(scratch.Start + ((long)channel * padded), padded));
        }

        var tile = scratch.Start + ((long)padded * Inputs);
        for (var column = 0; column < count; column += ConvolutionTile.Columns)
        {
            var width = Math.Min(ConvolutionTile.Columns, count - column);
            for (var output0 = 0; output0 < Outputs; output0 += ConvolutionTile.Rows)
            {
                var rows = Math.Min(ConvolutionTile.Rows, Outputs - output0);
                var weights = _weights.Start + ((long)output0 * Inputs * Taps);
                var target = output + ((long)output0 * stride) + start + column;
                if (width == ConvolutionTile.Columns && rows == ConvolutionTile.Rows)
                {
                    ConvolutionTile.Execute(
                        scratch.Start + column, padded, weights, _bias.Start + output0, Inputs, Taps, Dilation, target, stride);
                    continue;
                }

                // At the borders a whole tile is computed aside.
                ConvolutionTile.Execute(
                    scratch.Start + column, padded, weights, _bias.Start + output0, Inputs, Taps, Dilation, tile, ConvolutionTile.Columns);
                for (var row = 0; row < rows; row++)
                {
                    new Span<float>(tile + (row * ConvolutionTile.Columns), width).CopyTo(
                        new Span<float>(target + ((long)row * stride), width));
                }
            }
        }
    }

    public void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
    }

    /// <summary>A piece of a channel through the rectifier, with zeros where the channel has no values.</summary>
    static void Fill(float* channel, int length, int first, float slope, Span<float> piece)
    {
        var before = Math.Clamp(-first, 0, piece.Length);
        var inside = Math.Clamp(length - (first + before), 0, piece.Length - before);
        piece[..before].Clear();
        piece[(before + inside)..].Clear();
        var source = new ReadOnlySpan<float>(channel + first + before, inside);
        if (slope == 1)
        {
            source.CopyTo(piece[before..]);
        }
        else
        {
            Rectifier.Leaky(source, slope, piece.Slice(before, inside));
        }
    }
}
