using System.Diagnostics;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;

namespace Noos.Bench;

/// <summary>
/// The three products of the linear layers of a training step (512 positions), by each kernel on one core: the best of many, as a share of
/// that core's multiply-add peak. Packing the left operand is part of them, packing the right one is not: weights are packed once per step.
/// </summary>
static unsafe class ProductSpeed
{
    const int Positions = 512;
    const int Trials = 40;

    // [outputs, inputs] of the 4.3 M and 20 M shapes: query, key and value; attention output; gate and up; down; output head.
    static readonly (int Outputs, int Inputs)[] s_shapes =
        [(576, 192), (192, 192), (1024, 192), (192, 512), (640, 384), (384, 384), (2048, 384), (384, 1024), (4096, 384)];

    static readonly ProductOptions[] s_products =
    [
        new() { Kernels = "portable" }, new() { Kernels = "avx2" }, new() { Kernels = "avx512" },
        new() { Kernels = "avx512", Precision = Precision.Bf16 }, new() { Kernels = "amx", Precision = Precision.Bf16 },
    ];

    public static void Run()
    {
        Console.WriteLine("| kernel | outputs x inputs | forward GFLOP/s | input gradient | weight gradient | of peak |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var products in s_products)
        {
            TileKernel kernel;
            try
            {
                kernel = products.FindKernel()!;
            }
            catch (NoosException exception) when (exception.Kind == ErrorKind.Unavailable)
            {
                continue;
            }

            foreach (var (outputs, inputs) in s_shapes)
            {
                Measure(kernel, outputs, inputs);
            }
        }
    }

    static void Measure(TileKernel kernel, int outputs, int inputs)
    {
        using var gemm = new Gemm(kernel);
        using var packer = new PanelPacker(kernel);
        var memory = new List<nint>();
        var x = Take((long)Positions * inputs);
        var y = Take((long)Positions * outputs);
        var weights = Take((long)outputs * inputs);
        var gradients = Take((long)outputs * inputs);
        var forward = TakePanels(inputs, outputs);
        var backward = TakePanels(outputs, inputs);
        var activations = TakePanels(Positions, inputs);
        packer.PackTransposed(weights, inputs, outputs, inputs, forward);
        packer.Pack(weights, inputs, inputs, outputs, backward);
        packer.Pack(x, inputs, inputs, Positions, activations);
        var best = new[] { double.MaxValue, double.MaxValue, double.MaxValue };
        for (var trial = 0; trial < Trials; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            gemm.Multiply(TileLayout.ByRow, x, inputs, forward, 0, Positions, outputs, inputs, y, outputs, accumulate: false);
            Note(0, start);
            start = Stopwatch.GetTimestamp();
            gemm.Multiply(TileLayout.ByRow, y, outputs, backward, 0, Positions, inputs, outputs, x, inputs, accumulate: false);
            Note(1, start);
            start = Stopwatch.GetTimestamp();
            gemm.Multiply(
                TileLayout.ByColumn, y, outputs, activations, 0, outputs, inputs, Positions, gradients, inputs, accumulate: true);
            Note(2, start);
        }

        var operations = 2.0 * Positions * outputs * inputs;
        var peak = ComputeCost.MeasurePeak(kernel.Precision) / Environment.ProcessorCount;
        Console.WriteLine(
            $"| {kernel.Name} {ProductOptions.NameOf(kernel.Precision)} | {outputs} x {inputs} | {operations / best[0] / 1e9:N0} | "
            + $"{operations / best[1] / 1e9:N0} | {operations / best[2] / 1e9:N0} | {3 * operations / best.Sum() / peak:P0} of "
            + $"{peak / 1e9:N0} |");
        memory.ForEach(piece => NativeMemory.AlignedFree((void*)piece));

        float* Take(long length)
        {
            const nuint CacheLine = 64;
            var piece = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), CacheLine);
            var random = new Random(memory.Count);
            for (long i = 0; i < length; i++)
            {
                piece[i] = random.NextSingle() - 0.5f;
            }

            memory.Add((nint)piece);
            return piece;
        }

        Panels TakePanels(int sum, int columns) => Panels.At((uint*)Take(Panels.Length(kernel, sum, columns)), kernel, sum);

        void Note(int form, long start) => best[form] = Math.Min(best[form], Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
