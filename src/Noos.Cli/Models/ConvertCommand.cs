using System.CommandLine;
using System.Diagnostics;
using Noos.Cli.Terminal;
using Noos.Language.HuggingFace;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary><c>noos convert FOLDER OUT --to MIX</c></summary>
static class ConvertCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("folder")
        {
            Description =
                "A model as Hugging Face keeps it: config.json, tokenizer.json, model*.safetensors. Llama, Mistral, Qwen 2 and 3, SmolLM "
                + "3, OLMo 2 and 3, Granite, GLM 4, ERNIE 4.5, EXAONE 4, Seed-OSS, Hunyuan, LFM 2, BERT, ModernBERT, Nomic or Jina 2.",
        };
        var output = new Argument<string>("out") { Description = "The GGUF file to write." };
        var to = new Option<string>("--to")
        {
            Description = $"What to make of it, from large to small: {string.Join(", ", QuantizationMix.All.Select(mix => mix.Name))}.",
            DefaultValueFactory = _ => "bf16",
        };
        var command = new CommandWithExamples(
            "convert",
            "Make a GGUF model of a folder from Hugging Face.",
            "noos convert Qwen3-0.6B qwen3-0.6b.gguf --to q8_0");
        command.Arguments.Add(input);
        command.Arguments.Add(output);
        command.Options.Add(to);
        command.SetAction((parsed, cancellationToken) =>
        {
            Run(parsed.GetRequiredValue(input), parsed.GetRequiredValue(output), QuantizationMix.Parse(parsed.GetRequiredValue(to)),
                cancellationToken);
            return Task.FromResult(0);
        });
        return command;
    }

    static void Run(string input, string output, QuantizationMix mix, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var line = ProgressLine.OnError();
        try
        {
            HuggingFaceConverter.Run(
                input,
                output,
                mix,
                Environment.ProcessorCount,
                progress => line.Show(new ProgressState(
                    progress.Done,
                    progress.Total,
                    Rate: $"{progress.Done / watch.Elapsed.TotalSeconds / 1e6:N0} million values/s",
                    TimeLeft: ProgressState.EstimateTimeLeft(progress.Done, progress.Total, watch.Elapsed),
                    Text: progress.Tensor)),
                cancellationToken);
        }
        finally
        {
            line.Clear();
        }

        Console.WriteLine($"Wrote {output} ({new FileInfo(output).Length / 1e6:N1} MB) in {watch.Elapsed.TotalSeconds:N1} s.");
    }
}
