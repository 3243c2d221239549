using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Conversations;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Factory.Adapters;
using Noos.Training.Adapters;
using Noos.Training.Kernels;

namespace Noos.Cli.Factory;

/// <summary><c>noos adapt MODEL --data FILE --to ADAPTER.gguf</c></summary>
static class AdaptCommand
{
    const string Auto = "auto";

    public static Command Create(NoosSettings settings)
    {
        var usual = new AdapterOptions();
        var model = new Argument<string?>("MODEL")
        {
            Description = "The model to adapt, which stays as it is: a name that 'noos models' lists, a .gguf file of the families llama, "
                + "qwen2, qwen3 or gemma3, or a folder with safetensors (default: $NOOS_MODEL, else the assistant in the models folder).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var data = new Option<string[]>("--data")
        {
            Description = "Conversations to learn, as JSON lines with \"messages\" (such as the page exports); only what the assistant "
                + "says is learned. Can be given several times.",
            Required = true,
        };
        var to = new Option<string>("--to") { Description = "The adapter to write, a .gguf file.", Required = true };
        var run = new Option<string?>("--run")
        {
            Description = "Folder of the run, which goes on from there when it was stopped (default: the adapter's name with .run).",
        };
        var rank = CountOption.Create("--rank", "Rank of the change of each matrix", usual.Lora.Rank);
        var alpha = new Option<double?>("--alpha") { Description = "The change acts alpha / rank as strongly (default: twice the rank)." };
        var dropout = new Option<double>("--dropout")
        {
            Description = "Share of the inputs that the adapter must do without in each update, against learning by heart.",
            DefaultValueFactory = _ => usual.Lora.Dropout,
        };
        var targets = new Option<string?>("--targets")
        {
            Description = $"Matrices to adapt, separated by commas (default: {string.Join(",", LoraOptions.AllTargets)}).",
        };
        var epochs = new Option<double>("--epochs")
        {
            Description = "Passes over the conversations.",
            DefaultValueFactory = _ => usual.Epochs,
        }.AtLeast(0.0);
        var steps = new Option<long?>("--steps") { Description = "Updates in all, instead of --epochs." }.AtLeast(1);
        var rows = CountOption.Create("--rows", "Answers of one update", usual.RowsPerStep);
        var context = CountOption.Create("--context", "Longest conversation in tokens; longer ones are left out", usual.MaxLength);
        var rate = new Option<double>("--learning-rate")
        {
            Description = "Learning rate.",
            DefaultValueFactory = _ => usual.LearningRate,
        };
        var precision = new Option<string>("--precision")
        {
            Description = "What matrix products read: bf16 or fp32 (auto: bf16 where this processor has it).",
            DefaultValueFactory = _ => Auto,
        };
        precision.AcceptOnlyFromAmong(Auto, "bf16", "fp32");
        var recompute = new Option<bool?>("--recompute")
        {
            Description = "Compute activations twice instead of keeping them: half as much work again, far less memory (default: where "
                + "they need more than the model, and a gigabyte).",
        };
        var workers = CountOption.Create("--workers", "Threads that train", usual.Workers);
        var seed = CountOption.Create("--seed", "Seed of the first values, the order and the dropout", usual.Seed);
        var checkpoint = CountOption.Create("--checkpoint-every", "Updates between two checkpoints", usual.CheckpointEvery);
        var name = new Option<string?>("--name") { Description = "What the adapter is called (default: as its file)." };
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "adapt",
            "Teach a model by an adapter of low rank (LoRA), or go on where it stopped: the model's file is only read, whatever its "
            + "quantization, and the adapter is a small file that noos and llama.cpp load beside it.",
            "noos adapt smollm2.gguf --data answers.jsonl --to mine.gguf",
            "noos adapt qwen3-0.6b --data answers.jsonl --to mine.gguf --rank 8 --targets attn_q,attn_v --minutes 60",
            "noos adapt ./Qwen2.5-0.5B-Instruct --data answers.jsonl --to mine.gguf",
            "noos ask --model smollm2.gguf --lora mine.gguf \"What did you learn?\"");
        command.Arguments.Add(model);
        foreach (var option in new Option[]
        {
            data, to, run, rank, alpha, dropout, targets, epochs, steps, rows, context, rate, precision, recompute, workers, seed,
            checkpoint, name, minutes,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var output = parsed.GetRequiredValue(to);
            if (Directory.Exists(output))
            {
                throw new NoosException(
                    $"'{output}' is a folder; give --to the name of a file, such as {Path.Combine(output, "mine.gguf")}.");
            }

            var options = usual with
            {
                Lora = new LoraOptions
                {
                    Rank = parsed.GetValue(rank),
                    Alpha = parsed.GetValue(alpha) ?? (2 * parsed.GetValue(rank)),
                    Dropout = parsed.GetValue(dropout),
                    Targets = parsed.GetValue(targets) is { } chosen
                        ? chosen.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        : LoraOptions.AllTargets,
                }.Validate(),
                Epochs = parsed.GetValue(epochs),
                Steps = parsed.GetValue(steps),
                RowsPerStep = parsed.GetValue(rows),
                MaxLength = parsed.GetValue(context),
                LearningRate = parsed.GetValue(rate),
                Precision = parsed.GetValue(precision) is { } given and not Auto ? ProductOptions.ParsePrecision(given) : null,
                Recompute = parsed.GetValue(recompute),
                Workers = parsed.GetValue(workers),
                Seed = parsed.GetValue(seed),
                CheckpointEvery = parsed.GetValue(checkpoint),
                Name = parsed.GetValue(name),
            };
            var training = new AdapterTraining(
                options, Find(parsed.GetValue(model), settings), output, parsed.GetValue(run) ?? Path.ChangeExtension(output, ".run"));
            var conversations = parsed.GetRequiredValue(data).SelectMany(ConversationFile.Read);
            AdapterReport? report;
            using (var display = StageDisplay.ForConsole())
            {
                report = await Task.Factory.StartNew(
                    () => training.Run(conversations, display, cancellationToken: limit.Token), limit.Token,
                    TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            StageCommand.Finish(
                report is not null,
                report is null
                    ? ""
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"The adapter is {report.Path}: {report.MatrixCount} matrices, {report.Steps:N0} updates. Use it with --lora "
                        + $"{report.Path} beside the model."),
                cancellationToken);
            return 0;
        });
        return command;
    }

    /// <summary>A folder, or the file of a model.</summary>
    static string Find(string? model, NoosSettings settings) => model is not null && Directory.Exists(model)
        ? model
        : ModelSource.FindFile(new NoosOptions { Model = model ?? settings.Model, Library = ModelLibraryOptions.From(settings) })
            ?? throw new NoosException("Only a model on this computer can be adapted; name its file.");
}
