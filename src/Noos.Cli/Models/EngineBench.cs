using System.Diagnostics;
using System.Globalization;
using Noos.Inference;
using Noos.Language;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary>
/// Measures the engine in rounds, another one in turn with it, and prints medians and ratios beside the limits of the machine. Which
/// tokens they are makes no difference to the time.
/// </summary>
sealed class EngineBench(BenchPlan plan, LlamaBench? rival, TextWriter progress, CancellationToken cancellation)
{
    public void Run(TextWriter output)
    {
        ModelInspection inspection;
        using (var file = GgufFile.Open(plan.Model))
        {
            inspection = ModelInspection.Of(file);
        }

        var speed = MachineSpeed.Measure();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(plan.Model)}: {inspection.ActiveWeightBytes / 1e9:F2} GB of weights a token, {inspection.ActiveParameterCount / 1e6:N0} million parameters; medians of {plan.Rounds} rounds."));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"This machine, all {Environment.ProcessorCount} cores: {speed.BytesPerSecond / 1e9:F1} GB/s from memory, so at most {speed.BytesPerSecond / Math.Max(1, inspection.ActiveWeightBytes):N1} generated tokens/s from memory; {speed.OperationsPerSecond / 1e9:N0} GFLOP/s in floats. Kernels: {KernelChoice.InUse}."));
        output.WriteLine();
        output.WriteLine(rival is null ? "| tokens/s | threads | noos |" : "| tokens/s | threads | noos | llama.cpp | ratio |");
        output.WriteLine(rival is null ? "|---|---|---|" : "|---|---|---|---|---|");
        foreach (var threads in plan.Threads)
        {
            Run(threads, output);
        }
    }

    void Run(int threads, TextWriter output)
    {
        // Nothing may be remembered from one round to the next.
        using var model = LanguageModel.Load(plan.Model, new InferenceOptions { Threads = threads, PrefixMemory = 0 });
        var longest = model.Config.ContextLength;
        if (plan.Prompt + plan.Generate > longest)
        {
            throw new NoosException($"The model holds {longest:N0} tokens, fewer than the {plan.Prompt + plan.Generate:N0} to measure; ask for fewer with --prompt and --generate.");
        }

        var ours = new List<double>[] { [], [], [], [] };
        var theirs = new List<double>[] { [], [] };
        for (var round = 0; round <= plan.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.WriteLine(round == 0 ? $"{threads} threads: warming up" : $"{threads} threads: round {round} of {plan.Rounds}");
            var (prompt, first, generate) = Alone(model);
            var together = Together(model);
            if (round == 0)
            {
                continue;
            }

            ours[0].Add(prompt);
            ours[1].Add(generate);
            ours[2].Add(together);
            ours[3].Add(first);
            if (rival is not null)
            {
                theirs[0].Add(rival.Prompt(plan.Model, threads, plan.Prompt));
                theirs[1].Add(rival.Generate(plan.Model, threads, plan.Generate));
            }
        }

        Line($"prompt of {plan.Prompt}", ours[0], theirs[0]);
        Line($"generate {plan.Generate}", ours[1], theirs[1]);
        Line($"generate, {plan.Together} together", ours[2], []);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| first token of the prompt, ms | {threads} | {Median(ours[3]) * 1000:F0} |{(rival is null ? "" : " | |")}"));

        void Line(string name, List<double> our, List<double> their)
        {
            var (a, b) = (Median(our), their.Count > 0 ? Median(their) : 0);
            var rest = rival is null ? "" : their.Count == 0 ? " | |" : string.Create(CultureInfo.InvariantCulture, $" {b:N1} | {a / b:F2} |");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {threads} | {a:N1} |{rest}"));
        }
    }

    (double Prompt, double First, double Generate) Alone(LanguageModel model)
    {
        using var context = model.CreateContext(plan.Prompt + plan.Generate);
        var watch = Stopwatch.StartNew();
        context.Append(Tokens(plan.Prompt, model));
        var first = watch.Elapsed.TotalSeconds;
        // As llama-bench does: from an empty context.
        context.Truncate(0);
        watch.Restart();
        for (var i = 0; i < plan.Generate; i++)
        {
            context.Append([i % model.Config.VocabularySize]);
        }

        return (plan.Prompt / first, first, plan.Generate / watch.Elapsed.TotalSeconds);
    }

    /// <summary>Tokens a second of all conversations, reading the common beginning included.</summary>
    double Together(LanguageModel model)
    {
        var beginning = Tokens(plan.Prompt, model);
        var watch = Stopwatch.StartNew();
        using var common = model.CreateContext(plan.Prompt);
        common.Append(beginning);
        Task.WaitAll([.. Enumerable.Range(0, plan.Together).Select(index => Task.Factory.StartNew(
            () =>
            {
                using var context = model.CreateContext(plan.Prompt + plan.Generate);
                context.Append(beginning.AsSpan(0, plan.Prompt - 1));
                for (var i = 0; i < plan.Generate; i++)
                {
                    context.Append([(index + i) % model.Config.VocabularySize]);
                }
            },
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default))], cancellation);
        return plan.Together * plan.Generate / watch.Elapsed.TotalSeconds;
    }

    static int[] Tokens(int count, LanguageModel model) => [.. Enumerable.Range(0, count).Select(i => i * 97 % model.Config.VocabularySize)];

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
