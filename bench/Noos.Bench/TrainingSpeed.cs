using System.Diagnostics;
using Noos.Language.Models;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Bench;

/// <summary>
/// Forward and backward pass of one batch, ours beside plain TorchSharp on the same weights and rows, in alternating rounds, with the
/// share of the machine's measured matrix-product peak that each reaches.
/// </summary>
static class TrainingSpeed
{
    const int Rounds = 7;
    const int Rows = 4;

    static readonly (string Name, TransformerConfig Config)[] s_shapes =
    [
        ("d192, 8 blocks",
            new TransformerConfig { EmbeddingLength = 192, BlockCount = 8, FeedForwardLength = 512, HeadCount = 3, KeyValueHeadCount = 3 }),
        ("d256, 4 blocks", new TransformerConfig { BlockCount = 4 }),
        ("d256, 6 blocks", new TransformerConfig()),
    ];

    public static void Run()
    {
        var workers = Environment.ProcessorCount;
        Console.WriteLine("| shape | parameters | ours | MFU | plain TorchSharp | MFU | ratio | peak |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (name, config) in s_shapes)
        {
            using var parameters = new Parameters(config);
            parameters.Initialize(1);
            using var team = new GradientTeam(parameters, workers);
            using var gradients = zeros(parameters.Layout.Length);
            using var reference = new AutogradTransformer(parameters, gradients);
            var random = new Random(1);
            TrainingRow[] rows = [.. Enumerable.Range(0, Rows)
                .Select(_ => new TrainingRow(
                    [.. Enumerable.Range(0, config.ContextLength + 1).Select(_ => random.Next(config.VocabularySize))], []))];
            var ours = new List<double>();
            var theirs = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                var fast = Time(() => team.Compute(CrossEntropy.Instance, rows));
                var plain = Time(() => Array.ForEach(rows, row => reference.AddGradient(row.Tokens, row.IsTarget, 1f / Rows)));

                // The first round also compiles and warms the allocator.
                if (round > 0)
                {
                    ours.Add(fast);
                    theirs.Add(plain);
                }
            }

            var tokens = (double)Rows * config.ContextLength;
            var peak = ComputeCost.MeasurePeak();
            var utilisation = tokens * ComputeCost.FlopsPerToken(config) / peak;
            var (us, them) = (Median(ours), Median(theirs));
            Console.WriteLine(
                $"| {name} | {config.ParameterCount / 1e6:f2} M | {tokens / us:N0} tokens/s | {utilisation / us:P0} | "
                + $"{tokens / them:N0} tokens/s | {utilisation / them:P0} | {them / us:f2} | {peak / 1e9:N0} GFLOP/s |");
        }
    }

    static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
