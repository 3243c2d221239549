using System.Diagnostics;
using System.Globalization;
using Noos.Inference;

namespace Noos.Bench;

/// <summary>
/// How fast the engine reads and writes with a model: tokens a second, medians of alternating rounds, for each number of threads. Which
/// tokens they are makes no difference to the time.
/// </summary>
static class DecodeSpeed
{
    const int Rounds = 7;
    const int PromptTokens = 384;
    const int GeneratedTokens = 256;

    public static void Run(string path, string[] threadCounts)
    {
        var threads = Array.ConvertAll(threadCounts, count => int.Parse(count, CultureInfo.InvariantCulture));
        var models = Array.ConvertAll(threads, count => LanguageModel.Load(path, new InferenceOptions { Threads = count }));
        var prompt = Array.ConvertAll(threads, _ => new List<double>());
        var decode = Array.ConvertAll(threads, _ => new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < threads.Length; i++)
            {
                var (read, written) = Measure(models[i]);
                // The first round also compiles.
                if (round > 0)
                {
                    prompt[i].Add(read);
                    decode[i].Add(written);
                }
            }
        }

        for (var i = 0; i < threads.Length; i++)
        {
            Console.WriteLine($"{threads[i]} threads: {Median(prompt[i]):N0} prompt tokens/s, {Median(decode[i]):N0} generated tokens/s");
        }

        Array.ForEach(models, model => model.Dispose());
        Console.WriteLine($"{Environment.WorkingSet >> 20} MB in memory");
    }

    static (double Prompt, double Decode) Measure(LanguageModel model)
    {
        using var context = model.CreateContext();
        var size = model.Config.VocabularySize;
        var length = Math.Min(PromptTokens, context.Capacity * 3 / 4);
        var tokens = Enumerable.Range(0, length).Select(i => i * 97 % size).ToArray();
        context.Append(tokens);
        context.Truncate(0);
        var watch = Stopwatch.StartNew();
        context.Append(tokens);
        var prompt = length / watch.Elapsed.TotalSeconds;
        context.Truncate(length / 2);
        var count = Math.Min(GeneratedTokens, context.Capacity - context.Length);
        watch.Restart();
        for (var i = 0; i < count; i++)
        {
            context.Append([i * 31 % size]);
        }

        return (prompt, count / watch.Elapsed.TotalSeconds);
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
