using System.CommandLine;
using System.Diagnostics;
using Noos.Cli.Terminal;
using Noos.Cpus.Library;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary><c>noos quantize IN OUT --to MIX</c></summary>
static class QuantizeCommand
{
    public static Command Create(ModelLibrary library)
    {
        var input = new Argument<string>("in")
        {
            Description = "The GGUF model to read, of a split one its first part; or a name that 'noos models' lists.",
        };
        var output = new Argument<string>("out") { Description = "The GGUF file to write." };
        var to = new Option<string>("--to")
        {
            Description = $"What to make of it, from large to small: {string.Join(", ", QuantizationMix.All.Select(mix => mix.Name))}.",
            Required = true,
        };
        var requantize = new Option<bool>("--requantize")
        {
            Description = "Also from a model that is quantized already; this loses more than from the original.",
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads to use.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        threads.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && count < 1)
            {
                result.AddError("The number of threads must be at least 1.");
            }
        });
        var command = new CommandWithExamples(
            "quantize",
            "Write a smaller copy of a GGUF model, the same bytes as llama-quantize.",
            "noos quantize model-f16.gguf model-q4.gguf --to q4_k_m");
        command.Arguments.Add(input);
        command.Arguments.Add(output);
        command.Options.Add(to);
        command.Options.Add(requantize);
        command.Options.Add(threads);
        command.SetAction((parsed, cancellationToken) =>
        {
            var mix = QuantizationMix.Parse(parsed.GetRequiredValue(to));
            Run(
                library.Resolve(parsed.GetRequiredValue(input)),
                parsed.GetRequiredValue(output),
                mix,
                parsed.GetValue(requantize),
                parsed.GetValue(threads),
                cancellationToken);
            return Task.FromResult(0);
        });
        return command;
    }

    static void Run(string input, string output, QuantizationMix mix, bool requantize, int threads, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var line = ProgressLine.OnError();
        var values = 0L;
        try
        {
            ModelQuantizer.Run(
                input,
                output,
                mix,
                requantize,
                threads,
                progress =>
                {
                    values = progress.Total;
                    line.Show(new ProgressState(
                        progress.Done,
                        progress.Total,
                        Rate: $"{progress.Done / watch.Elapsed.TotalSeconds / 1e6:N0} million values/s",
                        TimeLeft: ProgressState.EstimateTimeLeft(progress.Done, progress.Total, watch.Elapsed),
                        Text: progress.Tensor));
                },
                cancellationToken);
        }
        finally
        {
            line.Clear();
        }

        var bytes = new FileInfo(output).Length;
        Console.WriteLine(
            $"Wrote {output} ({bytes / 1e6:N1} MB, {bytes * 8.0 / Math.Max(1, values):N2} bits a value) in "
            + $"{watch.Elapsed.TotalSeconds:N1} s.");
    }
}
