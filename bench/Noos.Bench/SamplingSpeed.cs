using System.Diagnostics;
using Noos.Inference.Sampling;

namespace Noos.Bench;

/// <summary>What one draw costs, by vocabulary, filters and shape of the distribution.</summary>
static class SamplingSpeed
{
    const int Rounds = 7;

    static readonly (string Name, SamplingOptions Options)[] s_filters =
    [
        ("greedy", new SamplingOptions()),
        ("temperature 0.7", new SamplingOptions { Temperature = 0.7f, Seed = 1 }),
        ("top-p 0.9", new SamplingOptions { Temperature = 0.7f, TopP = 0.9f, Seed = 1 }),
        ("top-k 40", new SamplingOptions { Temperature = 0.7f, TopK = 40, Seed = 1 }),
        ("min-p 0.05", new SamplingOptions { Temperature = 0.7f, MinP = 0.05f, Seed = 1 }),
        ("all three", new SamplingOptions { Temperature = 0.7f, TopP = 0.9f, TopK = 40, MinP = 0.05f, Seed = 1 }),
        ("typical 0.9", new SamplingOptions { Temperature = 0.7f, TypicalP = 0.9f, Seed = 1 }),
        ("top-n-sigma 1", new SamplingOptions { Temperature = 0.7f, TopNSigma = 1, Seed = 1 }),
    ];

    public static void Run()
    {
        Console.WriteLine("| vocabulary | distribution | filter | ms a draw |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var length in new[] { 49_152, 262_144 })
        {
            foreach (var (shape, spread) in new[] { ("as of a trained model", 3f), ("flat, as of random weights", 0.1f) })
            {
                var logits = Logits(length, spread);
                foreach (var (name, options) in s_filters)
                {
                    Console.WriteLine($"| {length:N0} | {shape} | {name} | {Measure(logits, options):F3} |");
                }
            }
        }
    }

    static double Measure(float[] logits, SamplingOptions options)
    {
        var times = new double[Rounds];
        var work = new float[logits.Length];
        for (var round = 0; round < Rounds; round++)
        {
            var sampler = new Sampler(options);
            var count = 0;
            var spent = TimeSpan.Zero;
            while (spent.TotalMilliseconds < 60)
            {
                logits.CopyTo(work, 0);
                var start = Stopwatch.GetTimestamp();
                _ = sampler.Sample(work);
                spent += Stopwatch.GetElapsedTime(start);
                count++;
            }

            times[round] = spent.TotalMilliseconds / count;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }

    /// <summary>A normal distribution, above which some tokens stand out where it is wide.</summary>
    static float[] Logits(int length, float spread)
    {
        var random = new Random(7);
        var logits = new float[length];
        for (var i = 0; i < length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            logits[i] = (float)(normal * spread);
        }

        for (var i = 0; i < 20 && spread > 1; i++)
        {
            logits[random.Next(length)] = 20 - (0.4f * i);
        }

        return logits;
    }
}
