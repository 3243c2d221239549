using System.Diagnostics;
using Noos.Inference.Sampling;

namespace Noos.Bench;

/// <summary>What one draw costs, by vocabulary, filters and shape of the distribution.</summary>
static class SamplingSpeed
{
    const int Seconds = 1;

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
        Console.WriteLine("| vocabulary | distribution | filter | ms a draw, median | mean of 98% |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var length in new[] { 49_152, 262_144 })
        {
            foreach (var (shape, spread) in new[] { ("as of a trained model", 3f), ("flat, as of random weights", 0.1f) })
            {
                var logits = Logits(length, spread);
                foreach (var (name, options) in s_filters)
                {
                    var (median, mean) = Measure(logits, options);
                    Console.WriteLine($"| {length:N0} | {shape} | {name} | {median:F3} | {mean:F3} |");
                }
            }
        }
    }

    static (double Median, double Mean) Measure(float[] logits, SamplingOptions options)
    {
        var times = new List<double>();
        var work = new float[logits.Length];
        var sampler = new Sampler(options);
        var end = Stopwatch.GetTimestamp() + (Seconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            logits.CopyTo(work, 0);
            var start = Stopwatch.GetTimestamp();
            _ = sampler.Sample(work);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        // The first draws run code that is not optimized yet; the slowest ones were interrupted by neighbours.
        times.RemoveRange(0, times.Count / 5);
        times.Sort();
        return (times[times.Count / 2], times.Take(times.Count * 98 / 100).Average());
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
