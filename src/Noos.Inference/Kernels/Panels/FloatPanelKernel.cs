using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMM and GEMV of weights packed as floating-point numbers, a micro-panel being [columns][32 rows]. Also the fallback for formats that
/// have no micro-panel of their own: whatever can be dequantized can be packed as F16.
/// </summary>
/// <param name="stored">The tensor type in the file.</param>
sealed unsafe class FloatPanelKernel<TFormat>(GgufTensorType stored) : PanelKernel
    where TFormat : struct, IFloatFormat
{
    // Floats that fit the scratch: 128 columns, 16 KiB.
    const int MaxColumns = PanelScratch.CodeBytes / (Panel.Rows * sizeof(float));

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
            // Transposed: a row becomes every 32nd element.
            TFormat.Store(values[column], panel + ((((long)column * Panel.Rows) + row) * TFormat.ByteCount));
        }

        ArrayPool<float>.Shared.Return(values);
    }

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        // Tiles of four tokens share the widened weights; fewer read the panel as it is packed, since widening costs what they save.
        var token = tokens / 4 * 4;
        // The rest of 0 .. 3 tokens follows below.
        if (token > 0)
        {
            MultiplyChunks(panel, columns, input, token, output, outputStride, (float*)scratch.Unpacked.Codes);
        }

        for (; token < tokens; token++)
        {
            MultiplyOneToken(panel, columns, input.Values + ((long)token * input.Stride), output + ((long)token * outputStride));
        }
    }

    static void MultiplyChunks(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, float* widened)
    {
        // Columns outside, tokens inside: a widened chunk stays in the L1 cache for all tokens. The float sums continue in the output, so
        // chunks change no rounding.
        for (var first = 0; first < columns; first += MaxColumns)
        {
            var count = Math.Min(MaxColumns, columns - first);
            var weights = Widen(panel + ((long)first * Panel.Rows * TFormat.ByteCount), count, widened);
            FloatGemm.Multiply(weights, count, input.Values + first, input.Stride, tokens, output, outputStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float* Widen(byte* source, int columns, float* widened)
    {
        // A constant for the JIT: F32 is used where it lies.
        if (typeof(TFormat) == typeof(F32Format))
        {
            return (float*)source;
        }

        for (var i = 0; i < columns * Panel.Rows; i += 8)
        {
            TFormat.Load(source + (i * TFormat.ByteCount)).Store(widened + i);
        }

        return widened;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyOneToken(byte* panel, int columns, float* input, float* output)
    {
        const int Step = 16;
        // Prefetches of 16 columns at a time, evenly between the multiplications.
        for (var column = 0; column < columns; column += Step)
        {
            var count = Math.Min(Step, columns - column);
            StreamPrefetcher.PrefetchAhead(panel, count * Panel.Rows * TFormat.ByteCount);
            FloatGemm.Tile32x1<TFormat>(panel, count, input + column, output);
            panel += (long)count * Panel.Rows * TFormat.ByteCount;
        }
    }
}
