using System.CommandLine;
using System.Text.Json;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Inference;
using Noos.Inference.Estimates;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary><c>noos inspect FILE</c></summary>
static class InspectCommand
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var file = new Argument<string>("file")
        {
            Description = "A GGUF model, of a split one its first part; or a name that 'noos models' lists.",
        };
        var context = new Option<int?>("--context", "-c")
        {
            Description = "Tokens of the conversation to plan for (default: what the model was made for, at most 4,096).",
        };
        context.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var tokens) && tokens < 1)
            {
                result.AddError("The context must be at least 1 token.");
            }
        });
        var keyValues = KeyValueOption.Create();
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text." };
        var command = new CommandWithExamples(
            "inspect",
            "Say what a GGUF model is, whether it fits into this machine and how fast it can be here.",
            "noos inspect model.gguf",
            "noos inspect model.gguf --context 32768 --json");
        command.Arguments.Add(file);
        command.Options.Add(context);
        command.Options.Add(keyValues);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            using var opened = GgufFile.Open(library.Resolve(parsed.GetRequiredValue(file)));
            var model = ModelInspection.Read(opened);
            var (config, obstacle, ignored) = Check(opened);
            var fit = MachineFit.Estimate(
                model, config, parsed.GetValue(context), parsed.GetValue(keyValues), MachineSpeed.Measure());
            if (parsed.GetValue(json))
            {
                Console.WriteLine(
                    JsonSerializer.Serialize(new { model, runs = obstacle is null, obstacle, ignored, machine = fit }, s_json));
            }
            else
            {
                Write(model, obstacle, ignored, fit, KernelChoice.NameInUse(KernelChoice.Parse(settings.Kernels)), Console.Out);
            }
        });
        return command;
    }

    /// <summary>
    /// What the engine reads from the file, and why it cannot run the model (null where it does not, or can); what it passes over.
    /// </summary>
    static (DecoderConfig? Config, string? Obstacle, IReadOnlyList<string> Ignored) Check(GgufFile file)
    {
        DecoderConfig? config = null;
        try
        {
            config = LanguageModel.ReadConfig(file);
            return (config, null, LanguageModel.Check(file, config));
        }
        catch (NoosException e)
        {
            return (config, e.Message, []);
        }
    }

    static void Write(
        ModelInspection model, string? obstacle, IReadOnlyList<string> ignored, MachineFit fit, string kernels, TextWriter output)
    {
        Line("Model", $"{model.Name ?? "(no name)"}, architecture {model.Architecture}, {Size(model.ParameterCount)} parameters");
        Line("File", $"{model.Path}{(model.Files > 1 ? $" and {model.Files - 1} more" : "")}, {Bytes(model.FileBytes)}, GGUF version "
            + $"{model.GgufVersion}");
        Line("Shape",
            $"{Number(model.BlockCount)} blocks of width {Number(model.EmbeddingLength)}, {Number(model.HeadCount)} heads, "
            + $"{Number(model.KeyValueHeadCount ?? model.HeadCount)} for keys and values");
        if (model.ExpertCount is > 0)
        {
            Line("Experts",
                $"{model.ExpertCount}, of which {Number(model.ExpertUsedCount)} work for a token: {Size(model.ActiveParameterCount)} "
                + "parameters");
        }

        Line("Context", $"{Number(model.ContextLength)} tokens");
        Line("Vocabulary", model.VocabularySize is { } size
            ? $"{size:N0} tokens, {Kind(model.TokenizerKind)}{(model.PreTokenizer is { } pre ? $", text split as for {pre}" : "")}"
            : "none");
        Line("Chat", model.HasChatTemplate ? "has a template" : "has no template");
        if (model.ParameterCount == 0)
        {
            Line("Weights", "none: this is a vocabulary only");
            return;
        }

        Line("Weights", $"{model.Quantization ?? "mixed"}, {model.WeightBytes * 8.0 / model.ParameterCount:N2} bits a value");
        foreach (var share in model.Types)
        {
            output.WriteLine(
                $"            {share.Type,-8} {share.Tensors,5:N0} tensors {Bytes(share.Bytes),12} "
                + $"{100.0 * share.Bytes / model.WeightBytes,5:N1}%");
        }

        output.WriteLine();
        Line("Runs", obstacle is null ? "yes" : $"no: {obstacle}");
        foreach (var fault in ignored)
        {
            Line("Passed over", fault);
        }

        Line("Memory",
            $"{Bytes(fit.MemoryBytes)} = {Bytes(model.WeightBytes)} of weights + {Bytes(fit.CacheBytes)} of keys and values "
            + $"({fit.CacheType}) for {fit.Context:N0} tokens; this machine has {Bytes(fit.MachineMemoryBytes)}: "
            + $"{(fit.Fits ? "it fits" : "it does not fit")}");
        Line("Machine",
            $"{fit.Threads} threads, {fit.BytesPerSecond / 1e9:N1} GB/s from memory, {fit.ProductsPerSecond / 1e9:N0} G products/s of "
            + $"8-bit integers, {fit.OperationsPerSecond / 1e9:N0} GFLOP/s (measured now), kernels: {kernels}");
        Line("Writing",
            $"at most about {Rate(fit.DecodeTokensPerSecond)} tokens/s, {Rate(fit.DecodeTokensPerSecondAtContext)} at the end of the "
            + "context");
        Line("Reading",
            $"at most about {Rate(fit.PromptTokensPerSecond)} tokens/s of a short prompt, {Rate(fit.PromptTokensPerSecondAtContext)} of "
            + "one that fills the context");

        void Line(string name, string text) => output.WriteLine($"{name,-11} {text}");
    }

    static string Number(long? number) => number is { } value ? value.ToString("N0") : "an unknown number of";

    static string Size(long count) => count >= 1_000_000_000 ? $"{count / 1e9:N2} billion" : $"{count / 1e6:N1} million";

    static string Bytes(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):N2} GiB" : $"{bytes / (double)(1 << 20):N1} MiB";

    static string Rate(double rate) => rate >= 10 ? rate.ToString("N0") : rate.ToString("N1");

    static string Kind(string? kind) => kind switch
    {
        "gpt2" => "byte-level BPE",
        "llama" => "SentencePiece BPE",
        "bert" => "WordPiece",
        "t5" => "SentencePiece unigram",
        null => "of an unknown kind",
        _ => kind,
    };
}
