using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Weights held as floating-point numbers, a panel being [columns][32 rows]. Also the last resort for formats that have no panel of
/// their own: whatever can be converted to floats can be packed.
/// </summary>
/// <param name="stored">The format in the file.</param>
sealed unsafe class FloatPanelKernel<TFormat>(GgufTensorType stored) : PanelKernel
    where TFormat : struct, IFloatFormat
{
    const int MostColumns = PanelScratch.CodeBytes / (Panel.Rows * sizeof(float));

    readonly GgufTensorLayout _layout = GgufTensorLayout.For(stored);

    public override string Name => $"{stored} as {TFormat.Name}";

    public override KernelTier Tier => KernelTier.Portable;

    public override bool IsSupported => true;

    public override bool QuantizesActivations => false;

    public override int BlockLength => _layout.BlockLength;

    public override long PanelBytes(int columns) => (long)columns * Panel.Rows * TFormat.ByteCount;

    public override void PackRow(byte* source, int row, int columns, byte* panel)
    {
        var values = ArrayPool<float>.Shared.Rent(columns);
        Quantization.Dequantize(stored, new ReadOnlySpan<byte>(source, (int)_layout.BytesOf(columns)), values.AsSpan(0, columns));
        for (var column = 0; column < columns; column++)
        {
            TFormat.Store(values[column], panel + ((((long)column * Panel.Rows) + row) * TFormat.ByteCount));
        }

        ArrayPool<float>.Shared.Return(values);
    }

    protected override void MultiplyPanel(byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var token = tokens / 4 * 4;
        if (token > 0)
        {
            Multiply(panel, columns, input, token, output, outputStride, (float*)scratch.Expanded.Codes);
        }

        for (; token < tokens; token++)
        {
            Prefetched(panel, columns, input.Values + ((long)token * input.Stride), output + ((long)token * outputStride));
        }
    }

    static void Multiply(byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, float* expanded)
    {
        for (var first = 0; first < columns; first += MostColumns)
        {
            var count = Math.Min(MostColumns, columns - first);
            var weights = Expand(panel + ((long)first * Panel.Rows * TFormat.ByteCount), count, expanded);
            FloatProduct.Multiply(weights, count, input.Values + first, input.Stride, tokens, output, outputStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float* Expand(byte* source, int columns, float* expanded)
    {
        if (typeof(TFormat) == typeof(F32Format))
        {
            return (float*)source;
        }

        for (var i = 0; i < columns * Panel.Rows; i += 8)
        {
            TFormat.Load(source + (i * TFormat.ByteCount)).Store(expanded + i);
        }

        return expanded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Prefetched(byte* panel, int columns, float* input, float* output)
    {
        const int Step = 16;
        for (var column = 0; column < columns; column += Step)
        {
            var count = Math.Min(Step, columns - column);
            Prefetch.ColumnPrefetcher(panel, count * Panel.Rows * TFormat.ByteCount);
            FloatProduct.Tile32x1<TFormat>(panel, count, input + column, output);
            panel += (long)count * Panel.Rows * TFormat.ByteCount;
        }
    }
}
