using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Training.Adapters;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Bench;

/// <summary>Tokens per second of the training of an adapter over a model file, on random rows of which a part are targets.</summary>
static class AdapterSpeed
{
    /// <param name="model">A GGUF file.</param>
    /// <param name="options">
    /// rows=8, length=200 (tokens of a row), targets=0.5 (share that is learned), steps=5, rank=16, precision=bf16, workers=2,
    /// recompute=false, pass=512 (tokens of a pass), in any order.
    /// </param>
    public static void Run(string model, string[] options)
    {
        var given = options.Select(option => option.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var (rows, length, steps) = (Number("rows", 8), Number("length", 200), Number("steps", 5));
        var share = double.Parse(given.GetValueOrDefault("targets", "0.5"), CultureInfo.InvariantCulture);
        using var decoder = FrozenDecoder.Open(model, new LoraOptions { Rank = Number("rank", 16) });
        var plan = new AdapterPlan
        {
            Steps = steps,
            RowsPerStep = rows,
            MaxLength = length,
            TokensPerPass = Math.Max(length, Number("pass", 512)),
            Workers = Number("workers", 2),
            CheckpointEvery = steps + 1,
            Recompute = bool.Parse(given.GetValueOrDefault("recompute", "false")),
            Products = new ProductOptions
            {
                Precision = given.TryGetValue("precision", out var precision)
                    ? ProductOptions.ParsePrecision(precision)
                    : AdapterPlan.FastestPrecision,
            },
        };
        var folder = Directory.CreateTempSubdirectory("noos-adapter-");
        try
        {
            var (speeds, shares) = (new List<double>(), new List<double>());
            using var run = new AdapterRun(decoder, plan, folder.FullName, new RandomRows(decoder.VocabularySize, length, share), new()
            {
                Progress = new Speeds(speeds, shares, plan.Workers),
            });
            var watch = Stopwatch.StartNew();
            run.Run(CancellationToken.None);

            // The first update compiles the code and reads the file.
            speeds.RemoveAt(0);
            shares.RemoveAt(0);
            speeds.Sort();
            shares.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{decoder.Name}: {ProductOptions.NameOf(plan.Products.Precision)}, rank {decoder.Options.Rank}, {plan.Workers} workers, "
                + $"rows of {length}, {share:P0} learned{(plan.Recompute ? ", recomputed" : "")}: median "
                + $"{speeds[speeds.Count / 2]:F0} tokens/s (best {speeds[^1]:F0}, worst {speeds[0]:F0}), at full use of the cores "
                + $"{shares[shares.Count / 2]:F0} (best {shares[^1]:F0}) in {watch.Elapsed.TotalSeconds:F0} s; peak memory "
                + $"{Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB, file {new FileInfo(model).Length >> 20} MB, activations "
                + $"{AdapterRun.ActivationBytes(decoder, plan) >> 20} MB"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        int Number(string name, int usual) => given.TryGetValue(name, out var text) && !int.TryParse(text, out usual)
            ? throw new NoosException($"'{text}' is no number for {name}.")
            : usual;
    }

    sealed class RandomRows(int vocabulary, int length, double share) : IRowSource
    {
        public TrainingRow Read(long index)
        {
            var random = new Random((int)index);
            return new TrainingRow(
                [.. Enumerable.Range(0, length + 1).Select(_ => random.Next(vocabulary))],
                [.. Enumerable.Range(0, length).Select(position => position >= length * (1 - share))]);
        }
    }

    // Each update by itself: RunProgress has a smoothed speed, so times are taken from the clock; and from the time that the process had,
    // which a busy machine does not change as much.
    sealed class Speeds(List<double> speeds, List<double> shares, int workers) : IProgress<RunProgress>
    {
        long _last = Stopwatch.GetTimestamp();
        TimeSpan _used = Process.GetCurrentProcess().TotalProcessorTime;
        long _tokens;

        public void Report(RunProgress value)
        {
            var used = Process.GetCurrentProcess().TotalProcessorTime;
            speeds.Add((value.Tokens - _tokens) / Stopwatch.GetElapsedTime(_last).TotalSeconds);
            shares.Add((value.Tokens - _tokens) * workers / (used - _used).TotalSeconds);
            (_last, _used, _tokens) = (Stopwatch.GetTimestamp(), used, value.Tokens);
        }
    }
}
