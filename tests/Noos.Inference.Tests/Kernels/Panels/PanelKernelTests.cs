using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Emitted;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Memory;
using Noos.Inference.Tests.Kernels.Emitted;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Kernels.Panels;

/// <summary>Products of packed panels, for every storage format and technique.</summary>
public sealed unsafe class PanelKernelTests
{
    static readonly EmittedRoutines s_interpreted = new((code, _) => new Interpreter(code));

    public static TheoryData<GgufTensorType> Types =>
    [
        .. Enum.GetValues<GgufTensorType>().Where(type => PanelKernels.All(type).Length > 0),
    ];

    public static TheoryData<GgufTensorType> EmittedTypes =>
    [
        .. Enum.GetValues<GgufTensorType>().Where(type => PanelKernels.ForRoutines(type, code: null) is not null),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Products_are_those_of_the_weights_in_the_file(GgufTensorType type)
    {
        const int Columns = 1024, Rows = 70, Tokens = 5;
        var stored = RandomBlocks(type, Rows * Columns);
        var values = new float[Rows * Columns];
        Quantization.Dequantize(type, stored, values);
        using var input = Input(Columns, Tokens);
        foreach (var kernel in Kernels(type))
        {
            var actual = Multiply(kernel, stored, Columns, Rows, input, Tokens, parts: 1);
            for (var token = 0; token < Tokens; token++)
            {
                for (var row = 0; row < Rows; row++)
                {
                    // What was in the output before is added to.
                    double expected = 1;
                    double magnitude = 1;
                    for (var column = 0; column < Columns; column++)
                    {
                        var product = (double)values[(row * Columns) + column] * Activation(kernel, input, token, column);
                        expected += product;
                        magnitude += Math.Abs(product);
                    }

                    Assert.Equal(expected, actual[token][row], magnitude * 2e-6);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Techniques_batches_and_shares_give_the_same_bits(GgufTensorType type)
    {
        foreach (var columns in new[] { 256, 1536 })
        {
            const int Rows = 96, Tokens = 11;
            var stored = RandomBlocks(type, Rows * columns);
            using var input = Input(columns, Tokens);
            float[][]? expected = null;
            foreach (var kernel in Kernels(type).Where(kernel => kernel.Tier < KernelTier.Avx512Vnni))
            {
                foreach (var parts in new[] { 1, 3 })
                {
                    foreach (var batch in new[] { 1, 2, 4, 7, 11 })
                    {
                        var actual = Multiply(kernel, stored, columns, Rows, input, Tokens, parts, batch);
                        expected ??= actual;
                        Assert.Equal(expected, actual);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(EmittedTypes))]
    public void Emitted_code_gives_the_same_bits_for_every_number_of_tokens(GgufTensorType type)
    {
        // More blocks than are expanded at once, and rows that do not fill their panel.
        const int Rows = 40, MaxTokens = 20;
        var reference = PanelKernels.ForIsa<PortableDot>(type)!;
        var columns = reference.BlockLength == Panel.BlockLength ? 19 * Panel.BlockLength : 3 * reference.BlockLength;
        var stored = RandomBlocks(type, Rows * columns);
        using var input = Input(columns, MaxTokens);
        var expected = Multiply(reference, stored, columns, Rows, input, MaxTokens, parts: 1);
        foreach (var kernel in Kernels(type).Where(kernel => kernel.Tier == KernelTier.Avx512Vnni))
        {
            for (var tokens = 1; tokens <= MaxTokens; tokens++)
            {
                Assert.Equal(expected[..tokens], Multiply(kernel, stored, columns, Rows, input, tokens, parts: 1));
            }

            Assert.Equal(expected, Multiply(kernel, stored, columns, Rows, input, MaxTokens, parts: 2, batch: 7));
        }
    }

    [Theory]
    [InlineData(GgufTensorType.Q8_0)]
    [InlineData(GgufTensorType.Q6_K)]
    [InlineData(GgufTensorType.Q5_1)]
    [InlineData(GgufTensorType.Q4_1)]
    public void Sums_are_exact_at_the_extremes(GgufTensorType type)
    {
        const int Columns = 256;
        var stored = new byte[GgufTensorLayout.For(type).BytesOf(Columns)];
        // The code of largest magnitude everywhere, with scales of one half.
        stored.AsSpan().Fill(type switch { GgufTensorType.Q8_0 => 0x80, GgufTensorType.Q6_K => 0, _ => 0xFF });
        switch (type)
        {
            case GgufTensorType.Q6_K:
                stored.AsSpan(192, 16).Fill(0x80);
                BitConverter.TryWriteBytes(stored.AsSpan(208), (Half)0.5f);
                break;
            default:
                var bytes = GgufTensorLayout.For(type).BlockBytes;
                for (var i = 0; i < stored.Length; i += bytes)
                {
                    BitConverter.TryWriteBytes(stored.AsSpan(i), (Half)0.5f);
                    if (type is GgufTensorType.Q5_1 or GgufTensorType.Q4_1)
                    {
                        BitConverter.TryWriteBytes(stored.AsSpan(i + 2), (Half)0);
                    }
                }

                break;
        }

        var values = new float[Columns];
        Quantization.Dequantize(type, stored, values);
        using var input = new Activations(4, Columns);
        for (var token = 0; token < 4; token++)
        {
            new Span<float>(input.Row(token), Columns).Fill(token % 2 == 0 ? 127 : -127);
            input.Quantize(token);
        }

        foreach (var kernel in Kernels(type))
        {
            var actual = Multiply(kernel, stored, Columns, rows: 1, input, tokens: 4, parts: 1);
            for (var token = 0; token < 4; token++)
            {
                Assert.Equal(1 + (values.Sum() * (token % 2 == 0 ? 127 : -127)), actual[token][0]);
            }
        }
    }

    [Theory]
    [InlineData(GgufTensorType.F32)]
    [InlineData(GgufTensorType.F16)]
    [InlineData(GgufTensorType.BF16)]
    public void Floats_may_have_any_number_of_columns(GgufTensorType type)
    {
        foreach (var columns in new[] { 1, 19, 172, 300 })
        {
            const int Rows = 5, Tokens = 6;
            var stored = RandomBlocks(type, Rows * columns);
            var values = new float[Rows * columns];
            Quantization.Dequantize(type, stored, values);
            using var input = Input(columns, Tokens);
            var actual = Multiply(
                PanelKernels.Best(type, TestOptions.Default.MaxKernelTier)!, stored, columns, Rows, input, Tokens, parts: 1);
            for (var row = 0; row < Rows; row++)
            {
                var expected = 1f;
                for (var column = 0; column < columns; column++)
                {
                    expected = MathF.FusedMultiplyAdd(values[(row * columns) + column], input.Row(5)[column], expected);
                }

                Assert.Equal(expected, actual[5][row]);
            }
        }
    }

    /// <summary>Those that this machine runs, and those of other machines in software.</summary>
    static IEnumerable<PanelKernel> Kernels(GgufTensorType type)
    {
        var kernels = PanelKernels.All(type).Where(kernel => kernel.IsSupported);
        return PanelKernels.ForIsa<SoftwareDot>(type) is { } software
            ? [.. kernels, software, PanelKernels.ForRoutines(type, s_interpreted)!]
            : kernels;
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void No_tokens_are_no_work(GgufTensorType type)
    {
        using var input = Input(256, 1);
        foreach (var kernel in Kernels(type))
        {
            using var scratch = new PanelScratch();
            kernel.Multiply(panels: null, 256, 0, 1, input.View, tokens: 0, output: null, 32, accumulate: false, scratch);
        }
    }

    [Fact]
    public void Float_tiles_of_any_width_give_the_same_bits()
    {
        const int Columns = 37, Stride = 40;
        var random = new Random(5);
        float[] weights = [.. Enumerable.Range(0, Columns * Panel.Rows).Select(_ => random.NextSingle() - 0.5f)];
        float[] input = [.. Enumerable.Range(0, 4 * Stride).Select(_ => random.NextSingle() - 0.5f)];
        float[] expected = [.. Enumerable.Range(0, 4 * Stride).Select(_ => random.NextSingle())];
        float[] actual = [.. expected];
        fixed (float* w = weights, x = input, e = expected, a = actual)
        {
            FloatGemm.Tile16x4(w, Columns, x, Stride, e, Stride);
            FloatGemm.Tile16x4(w + 16, Columns, x, Stride, e + 16, Stride);
            FloatGemm.Tile32x4(w, Columns, x, Stride, a, Stride);
        }

        Assert.Equal(expected, actual);
    }

    static float[][] Multiply(
        PanelKernel kernel, byte[] stored, int columns, int rows, Activations input, int tokens, int parts, int batch = int.MaxValue)
    {
        var panels = Panel.Count(rows);
        var stride = panels * Panel.Rows;
        var output = new float[tokens * stride];
        Array.Fill(output, 1);
        using var memory = new LargeMemory(panels * kernel.PanelBytes(columns));
        using var scratch = new PanelScratch();
        fixed (byte* source = stored)
        fixed (float* destination = output)
        {
            for (var row = 0; row < rows; row++)
            {
                kernel.PackRow(source + (stored.Length / rows * row), row % Panel.Rows, columns, memory.Start
                    + (row / Panel.Rows * kernel.PanelBytes(columns)));
            }

            for (var token = 0; token < tokens; token += Math.Min(batch, tokens))
            {
                var view = input.View;
                var offset = token * view.Stride;
                var part = new ActivationView(
                    view.Values + offset, view.Quants + offset, view.Int16Quants + offset, view.BlockScales
                        + (offset / Panel.BlockLength), view.Stride);
                for (var i = 0; i < parts; i++)
                {
                    kernel.Multiply(
                        memory.Start, columns, panels * i / parts, panels * (i + 1) / parts, part, Math.Min(batch, tokens - token),
                        destination + (token * stride), stride, accumulate: true, scratch);
                }
            }
        }

        return [.. Enumerable.Range(0, tokens).Select(token => output.AsSpan(token * stride, rows).ToArray())];
    }

    static double Activation(PanelKernel kernel, Activations input, int token, int column)
    {
        var view = input.View;
        var index = (token * view.Stride) + column;
        return kernel.QuantizesActivations
            ? view.Quants[index] * (double)view.BlockScales[index / Panel.BlockLength].Scale
            : view.Values[index];
    }

    static Activations Input(int columns, int tokens)
    {
        var random = new Random(columns);
        var input = new Activations(tokens, columns);
        for (var token = 0; token < tokens; token++)
        {
            for (var column = 0; column < columns; column++)
            {
                input.Row(token)[column] = (float)((random.NextDouble() * 4) - 2);
            }

            input.Quantize(token);
        }

        return input;
    }

    /// <summary>Blocks of any bits, but with scales that are numbers of ordinary size.</summary>
    static byte[] RandomBlocks(GgufTensorType type, int count)
    {
        var random = new Random((int)type);
        var layout = GgufTensorLayout.For(type);
        var bytes = new byte[layout.BytesOf(count)];
        random.NextBytes(bytes);
        int[] halves = type switch
        {
            GgufTensorType.Q4_1 or GgufTensorType.Q5_1 or GgufTensorType.Q4_K or GgufTensorType.Q5_K => [0, 2],
            GgufTensorType.Q2_K => [80, 82],
            GgufTensorType.Q3_K => [108],
            GgufTensorType.Q6_K => [208],
            GgufTensorType.F32 or GgufTensorType.BF16 or GgufTensorType.MXFP4 => [],
            _ => [0],
        };
        for (var block = 0; block < bytes.Length; block += layout.BlockBytes)
        {
            foreach (var offset in halves)
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(block + offset), (Half)(random.NextDouble() - 0.5));
            }

            switch (type)
            {
                case GgufTensorType.F32:
                    BitConverter.TryWriteBytes(bytes.AsSpan(block), (float)(random.NextDouble() - 0.5));
                    break;
                case GgufTensorType.BF16:
                    BitConverter.TryWriteBytes(
                        bytes.AsSpan(block), (ushort)(BitConverter.SingleToUInt32Bits((float)(random.NextDouble() - 0.5)) >> 16));
                    break;
                case GgufTensorType.MXFP4:
                    // Also the exponents that make subnormal scales.
                    bytes[block] = (byte)(random.Next(8) == 0 ? random.Next(3) : random.Next(120, 130));
                    break;
            }
        }

        return bytes;
    }
}
