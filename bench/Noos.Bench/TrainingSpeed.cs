using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Bench;

/// <summary>
/// Forward and backward pass of one batch by each kind of kernel beside plain TorchSharp, on the same weights and rows, in alternating
/// rounds, with the share of the processor's multiply-add peak that each reaches.
/// </summary>
static class TrainingSpeed
{
    const int DefaultRounds = 7;
    const int Rows = 4;

    static readonly (string Name, TransformerConfig Config)[] s_shapes =
    [
        ("4m", new TransformerConfig
        {
            EmbeddingLength = 192, BlockCount = 8, FeedForwardLength = 512, HeadCount = 3, KeyValueHeadCount = 3,
        }),
        ("8m", new TransformerConfig
        {
            EmbeddingLength = 256, BlockCount = 12, FeedForwardLength = 640, HeadCount = 4, KeyValueHeadCount = 2,
        }),
        ("15m", new TransformerConfig
        {
            EmbeddingLength = 320, BlockCount = 12, FeedForwardLength = 864, HeadCount = 5, KeyValueHeadCount = 1,
        }),
        ("20m", new TransformerConfig
        {
            EmbeddingLength = 384, BlockCount = 12, FeedForwardLength = 1024, HeadCount = 6, KeyValueHeadCount = 2,
        }),
    ];

    static readonly ProductOptions[] s_products =
    [
        new() { Kernels = ProductOptions.Libtorch },
        new() { Kernels = "avx2" },
        new() { Kernels = "avx512" },
        new() { Kernels = "avx512", Precision = Precision.Bf16 },
        new() { Kernels = "amx", Precision = Precision.Bf16 },
    ];

    /// <param name="options">Names of shapes; <c>rounds=N</c>; <c>plain=false</c> leaves plain TorchSharp out.</param>
    public static void Run(string[] options)
    {
        var rounds = options.FirstOrDefault(option => option.StartsWith("rounds=", StringComparison.Ordinal)) is { } text
            ? int.Parse(text["rounds=".Length..], CultureInfo.InvariantCulture)
            : DefaultRounds;
        var plain = !options.Contains("plain=false");
        var shapes = Array.FindAll(s_shapes, shape => options.Contains(shape.Name));
        Console.WriteLine(
            "| shape | parameters | products | tokens/s | GFLOP/s | of peak | of plain TorchSharp | at full use of the cores | of peak |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (_, config) in shapes.Length > 0 ? shapes : s_shapes)
        {
            Measure(config, rounds, plain);
        }
    }

    static void Measure(TransformerConfig config, int rounds, bool plain)
    {
        using var parameters = new Parameters(config);
        parameters.Initialize(1);
        using var gradients = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, gradients);
        var random = new Random(1);
        TrainingRow[] rows = [.. Enumerable.Range(0, Rows)
            .Select(_ => new TrainingRow(
                [.. Enumerable.Range(0, config.ContextLength + 1).Select(_ => random.Next(config.VocabularySize))], []))];
        var variants = new List<Variant>();
        if (plain)
        {
            variants.Add(new Variant(
                "plain TorchSharp", Precision.Fp32,
                () => Array.ForEach(rows, row => reference.AddGradient(row.Tokens, row.IsTarget, 1f / Rows))));
        }

        var teams = new List<GradientTeam>();
        foreach (var products in s_products)
        {
            try
            {
                var team = new GradientTeam(parameters, Environment.ProcessorCount, products: products);
                teams.Add(team);
                variants.Add(new Variant(
                    $"{products.Kernels} {ProductOptions.NameOf(products.Precision)}", products.Precision,
                    () => team.Compute(CrossEntropy.Instance, rows)));
            }
            catch (NoosException exception) when (exception.Kind == ErrorKind.Unavailable)
            {
                // Not every machine has all of them.
            }
        }

        // The first round also compiles and warms the allocator. The peak is measured between the rounds, since clocks change with heat.
        var peaks = new Dictionary<Precision, double>();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var variant in variants)
            {
                var busy = Environment.CpuUsage.TotalTime;
                var start = Stopwatch.GetTimestamp();
                variant.Run();
                if (round > 0)
                {
                    variant.Seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    variant.BusySeconds.Add((Environment.CpuUsage.TotalTime - busy).TotalSeconds / Environment.ProcessorCount);
                }
            }

            foreach (var precision in variants.Select(variant => variant.Precision).Distinct())
            {
                peaks[precision] = Math.Max(peaks.GetValueOrDefault(precision), ComputeCost.MeasurePeak(precision));
            }
        }

        var tokens = (double)Rows * config.ContextLength;
        foreach (var variant in variants)
        {
            var seconds = Median(variant.Seconds);
            var busy = Median(variant.BusySeconds);
            var rate = tokens * ComputeCost.FlopsPerToken(config) / seconds;
            var ratio = plain ? $"{Median(variants[0].Seconds) / seconds:f2}" : "";
            Console.WriteLine(
                $"| d{config.EmbeddingLength}, {config.BlockCount} blocks | {config.ParameterCount / 1e6:f2} M | {variant.Name} | "
                + $"{tokens / seconds:N0} | {rate / 1e9:N0} | {rate / peaks[variant.Precision]:P0} of "
                + $"{peaks[variant.Precision] / 1e9:N0} | {ratio} | {tokens / busy:N0} | "
                + $"{rate * seconds / busy / peaks[variant.Precision]:P0} |");
        }

        teams.ForEach(team => team.Dispose());
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    sealed record Variant(string Name, Precision Precision, Action Run)
    {
        public List<double> Seconds { get; } = [];

        /// <summary>
        /// Processor time over cores: what the seconds would be on a machine without other work, if all cores are kept busy.
        /// </summary>
        public List<double> BusySeconds { get; } = [];
    }
}
