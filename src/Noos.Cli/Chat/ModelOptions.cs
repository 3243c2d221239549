using System.CommandLine;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions
{
    const string KeyVariable = "OPENAI_API_KEY";

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

    public string? Model(ParseResult parsed) => Chosen(parsed, _model);

    /// <summary>What an option chooses, else the variable NOOS_MODEL; null for the default.</summary>
    public static string? Chosen(ParseResult parsed, Option<string?> model) =>
        parsed.GetValue(model) is { } given && !string.IsNullOrWhiteSpace(given) ? given
        : Environment.GetEnvironmentVariable(ModelSource.Variable) is { } usual && !string.IsNullOrWhiteSpace(usual) ? usual
        : null;

    public IReadOnlyList<AdapterFile> Adapters(ParseResult parsed) => [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterFile.Parse)];

    /// <summary>How tokens are drawn: what was given; the rest is open.</summary>
    public GenerationOptions Generation(ParseResult parsed) => _sampling.Read(parsed);

    /// <summary>How the model is computed.</summary>
    public InferenceOptions Inference(ParseResult parsed) =>
        new() { KeyValueType = parsed.GetValue(_keyValues), MaxKernelTier = KernelVariable.Read() };

    /// <summary>The chosen model with all tools; the options hold for every answer.</summary>
    /// <param name="isGreedy">Options that were not given are greedy, whatever the model's makers advise.</param>
    public Assistant OpenAssistant(ParseResult parsed, bool isGreedy = false) => new(
        ModelSource.OpenCpu(new NoosOptions
        {
            Model = Model(parsed),
            ApiKey = Environment.GetEnvironmentVariable(KeyVariable),
            Defaults = Generation(parsed),
            IsGreedy = isGreedy,
            Adapters = Adapters(parsed),
            Inference = Inference(parsed),
        }),
        Toolbox.All);
}
