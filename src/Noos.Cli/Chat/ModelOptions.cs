using System.CommandLine;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions(NoosSettings settings)
{
    readonly Option<string?> _model = ModelOption();

    readonly SamplingFlags _sampling = new();

    readonly Option<KeyValueType> _keyValues = KeyValueOption.Create();

    readonly Option<string[]> _adapters = new("--lora")
    {
        Description = "A LoRA adapter in GGUF format, FILE or FILE:SCALE; can be given several times.",
    };

    public static Option<string?> ModelOption() =>
        new("--model", "-m")
        {
            Description =
                "A name that 'noos models' lists, a .gguf file, or an OpenAI-compatible address such as http://localhost:8080/v1#name "
                + "(default: $NOOS_MODEL, else the assistant in the models folder).",
        };

    public static ModelOptions AddTo(Command command, NoosSettings settings)
    {
        var options = new ModelOptions(settings);
        foreach (var option in (Option[])[options._model, .. options._sampling.All, options._adapters, options._keyValues])
        {
            command.Options.Add(option);
        }

        return options;
    }

    /// <summary>Whether the user wants no colours.</summary>
    public bool NoColor => settings.NoColor;

    /// <summary>What an option chooses, else the user's usual model; null for the default.</summary>
    public static string? Chosen(ParseResult parsed, Option<string?> model, NoosSettings settings) =>
        parsed.GetValue(model) is { } given && !string.IsNullOrWhiteSpace(given) ? given : settings.Model;

    public IReadOnlyList<AdapterFile> Adapters(ParseResult parsed) => [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterFile.Parse)];

    /// <summary>How tokens are drawn: what was given; the rest is open.</summary>
    public GenerationOptions Generation(ParseResult parsed) => _sampling.Read(parsed);

    /// <summary>Which model runs and how; the options hold for every answer.</summary>
    /// <param name="defaultSeed">Where no seed was given; null draws one for every answer.</param>
    public NoosOptions Read(ParseResult parsed, ulong? defaultSeed = null) => new()
    {
        Model = Chosen(parsed, _model, settings),
        ApiKey = settings.OpenAIApiKey,
        Library = ModelLibraryOptions.From(settings),
        Defaults = Generation(parsed) is var given && given.Seed is null ? given with { Seed = defaultSeed } : given,
        Adapters = Adapters(parsed),
        Inference = new InferenceOptions
        {
            KeyValueType = parsed.GetValue(_keyValues),
            MaxKernelTier = KernelChoice.Parse(settings.Kernels),
        },
    };

    /// <summary>The chosen model with all tools.</summary>
    public Assistant OpenAssistant(ParseResult parsed, ulong? defaultSeed = null) =>
        new(ModelSource.OpenCpu(Read(parsed, defaultSeed)), Toolbox.All);
}
