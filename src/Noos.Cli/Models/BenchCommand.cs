using System.CommandLine;
using System.Globalization;
using Noos.Cli.Chat;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Inference;

namespace Noos.Cli.Models;

/// <summary><c>noos bench MODEL [--against LLAMA-BENCH]</c></summary>
static class BenchCommand
{
    const string Engine = "engine";
    const string Use = "use";

    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var model = new Argument<string>("model") { Description = "A GGUF model, or a name that 'noos models' lists." };
        var against = new Option<string?>("--against")
        {
            Description =
                "A llama-bench program of llama.cpp, or its folder, to measure in turn with ours, on the same file with the same "
                + "threads; llama-batched-bench and llama-server are found beside it.",
        };
        var threads = new Option<string>("--threads")
        {
            Description = "Numbers of threads, such as 1,2.",
            DefaultValueFactory = _ => Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        };
        var prompt = Number("--prompt", "Tokens of the prompt.", 512);
        var generate = Number("--generate", "Tokens to generate.", 128);
        var together = Number(
            "--together", "Conversations that generate at the same time, after a common beginning; 0 for none.", 8, minimum: 0);
        var keyValues = KeyValueOption.Create();
        var rounds = Number("--rounds", "Rounds; the median counts.", 5);
        var only = new Option<string?>("--only")
        {
            Description =
                "engine: prompts and given tokens, as llama-bench measures; use: tokens that are drawn, greedily and not, by one stream "
                + "and by as many as --together says, as llama-server does it. Both unless told otherwise.",
        };
        only.AcceptOnlyFromAmong(Engine, Use);
        var sampling = new SamplingFlags();
        var json = new Option<bool>("--json") { Description = "Write the measurements and limits as JSON instead of a Markdown table." };
        var command = new CommandWithExamples(
            "bench",
            "Measure how fast a model reads and writes here, beside the limits of this machine and another engine. The variable "
            + $"NOOS_KERNELS ({string.Join(", ", KernelChoice.Names)}) holds all commands to kernels no faster than it says.",
            "noos bench model.gguf",
            "noos bench model.gguf --threads 1,2 --against ./llama-bench",
            "noos bench model.gguf --only use --top-k 40 --against ./llama.cpp/build/bin");
        command.Arguments.Add(model);
        foreach (Option option in (Option[])
            [against, threads, prompt, generate, together, keyValues, rounds, only, .. sampling.Drawing, json])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new BenchPlan(
                library.Resolve(parsed.GetRequiredValue(model)), Threads(parsed.GetRequiredValue(threads)), parsed.GetValue(prompt),
                parsed.GetValue(generate),
                parsed.GetValue(together), parsed.GetValue(keyValues), parsed.GetValue(rounds))
            {
                MaxKernelTier = KernelChoice.Parse(settings.Kernels),
                HasPrompt = parsed.GetResult(prompt) is { Implicit: false },
                MeasuresEngine = parsed.GetValue(only) != Use,
                MeasuresUse = parsed.GetValue(only) != Engine,
                Sampling = sampling.Read(parsed),
            };
            var path = parsed.GetValue(against);
            var rival = path is null || LlamaBench.IsServerOnly(path) ? null : new LlamaBench(path, plan.KeyValues);
            var server = path is null ? null : LlamaServer.Find(path);
            var report = new EngineBench(plan, rival, server, Console.Error, cancellationToken).Run();
            Console.Out.WriteLine(parsed.GetValue(json) ? report.ToJson() : report.ToMarkdown());
            return Task.FromResult(0);
        });
        return command;
    }

    static Option<int> Number(string name, string description, int usual, int minimum = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && (count < minimum || count > 100_000))
            {
                result.AddError($"{name} must be between {minimum} and 100,000.");
            }
        });
        return option;
    }

    static int[] Threads(string text)
    {
        var parts = text.Split(',');
        return Array.TrueForAll(parts, part => int.TryParse(part, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1024)
            ? Array.ConvertAll(parts, part => int.Parse(part, CultureInfo.InvariantCulture))
            : throw new NoosException($"'{text}' is no list of thread numbers; write for example 1,2.");
    }
}
