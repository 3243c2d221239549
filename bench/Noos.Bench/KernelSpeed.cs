using System.Diagnostics;
using Noos.Inference;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Memory;
using Noos.Language.Gguf;

namespace Noos.Bench;

/// <summary>
/// One core, one matrix, every storage format: how fast packed weights are read by one token, from the cache and from memory, and how
/// many products of weights and activations a second many tokens give.
/// </summary>
static unsafe class KernelSpeed
{
    const int Columns = 2048;
    const int ManyTokens = 128;

    public static void Run(string[] names)
    {
        var maxTier = KernelChoice.Parse(Environment.GetEnvironmentVariable("NOOS_KERNELS"));
        Console.WriteLine("| type | one token, cache, GB/s | one token, memory, GB/s | 128 tokens, GMAC/s | pack, MB/s |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var type in Enum.GetValues<GgufTensorType>())
        {
            if (PanelKernels.Best(type, maxTier) is { } kernel && (names.Length == 0 || names.Contains(type.ToString())))
            {
                var cached = Measure(kernel, type, rows: 64, tokens: 1);
                var streamed = Measure(kernel, type, rows: 64 << 10, tokens: 1);
                var many = Measure(kernel, type, rows: 256, ManyTokens);
                Console.WriteLine(
                    $"| {type} | {cached.Bytes / 1e9:F1} | {streamed.Bytes / 1e9:F1} | {many.Products / 1e9:F1} | "
                    + $"{streamed.Pack / 1e6:F0} |");
            }
        }
    }

    static (double Bytes, double Products, double Pack) Measure(PanelKernel kernel, GgufTensorType type, int rows, int tokens)
    {
        var row = new byte[GgufTensorLayout.For(type).BytesOf(Columns)];
        var panels = rows / Panel.Rows;
        var size = panels * kernel.PanelBytes(Columns);
        using var memory = new LargeMemory(size);
        using var scratch = new PanelScratch();
        using var input = new Activations(tokens, Columns);
        for (var token = 0; token < tokens; token++)
        {
            new Span<float>(input.Row(token), Columns).Fill(token - 3.5f);
            input.Quantize(token);
        }

        var output = new float[rows * tokens];
        var watch = Stopwatch.StartNew();
        fixed (byte* source = row)
        fixed (float* destination = output)
        {
            for (var i = 0; i < rows; i++)
            {
                kernel.PackRow(source, i % Panel.Rows, Columns, memory.Start + (i / Panel.Rows * kernel.PanelBytes(Columns)));
            }

            var pack = size / watch.Elapsed.TotalSeconds;
            var best = double.MaxValue;
            var repeats = (int)Math.Max(1, 20_000_000_000L / ((long)rows * Columns * tokens * 100));
            // Neighbours of a virtual machine take their share in bursts: the best of many short rounds is what the core can do.
            var start = Stopwatch.GetTimestamp();
            for (var round = 0; round < 12 || Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5; round++)
            {
                watch.Restart();
                for (var i = 0; i < repeats; i++)
                {
                    kernel.Multiply(memory.Start, Columns, 0, panels, input.View, tokens, destination, rows, accumulate: false, scratch);
                }

                best = Math.Min(best, watch.Elapsed.TotalSeconds / repeats);
            }

            return (size / best, (double)rows * Columns * tokens / best, pack);
        }
    }
}
