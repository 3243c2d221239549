using System.CommandLine;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Inference.Sampling;
using Noos.Kernel;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions
{
    readonly Option<string?> _model = ModelOption();

    readonly SamplingFlags _sampling = new();

    readonly Option<KeyValueType> _keyValues = KeyValueOption.Create();

    readonly Option<string[]> _adapters = new("--lora") { Description = "A LoRA adapter in GGUF format, FILE or FILE:SCALE; can be given several times." };

    public static Option<string?> ModelOption() => new("--model", "-m") { Description = "A name that 'noos models' lists, a .gguf file, or an OpenAI-compatible address such as http://localhost:8080/v1#name (default: $NOOS_MODEL, else the assistant in the models folder)." };

    public static ModelOptions AddTo(Command command)
    {
        var options = new ModelOptions();
        foreach (var option in (Option[])[options._model, .. options._sampling.All, options._adapters, options._keyValues])
        {
            command.Options.Add(option);
        }

        return options;
    }

    public string? Model(ParseResult parsed) => parsed.GetValue(_model);

    public IReadOnlyList<AdapterFile> Adapters(ParseResult parsed) => [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterFile.Parse)];

    /// <summary>How tokens are drawn: what was given, else the defaults.</summary>
    public SamplingOptions Sampling(ParseResult parsed, SamplingOptions defaults) => _sampling.Read(parsed, defaults);

    /// <summary>How the model is computed.</summary>
    public InferenceOptions Inference(ParseResult parsed) =>
        new() { KeyValueType = parsed.GetValue(_keyValues), MaxKernelTier = KernelVariable.Read() };

    /// <summary>The chosen model with all tools; the options hold for every answer.</summary>
    /// <param name="isGreedy">Options that were not given are greedy, whatever the model's makers advise.</param>
    public Assistant OpenAssistant(ParseResult parsed, bool isGreedy = false) => new(
        ModelSource.OpenChat(
            Model(parsed), advised => Sampling(parsed, isGreedy ? new SamplingOptions() : advised), Adapters(parsed), Inference(parsed)), Toolbox.All);
}
