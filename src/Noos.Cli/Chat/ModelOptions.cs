using System.CommandLine;
using Noos.Inference;
using Noos.Kernel;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions
{
    readonly Option<string?> _model = new("--model", "-m") { Description = "A name that 'noos models' lists, a .gguf file, or an OpenAI-compatible address such as http://localhost:8080/v1#name (default: $NOOS_MODEL, else the assistant in the models folder)." };

    readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same answer." };

    readonly Option<float?> _temperature = new("--temperature", "-t") { Description = "0 always takes the likeliest word; higher is more varied, up to 2." };

    readonly Option<KeyValueType> _keyValues = KeyValueOption.Create();

    public ModelOptions() => _temperature.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<float?>() is { } value && value is not (>= 0 and <= 2))
        {
            result.AddError("The temperature must be a number from 0 to 2.");
        }
    });

    public static ModelOptions AddTo(Command command)
    {
        var options = new ModelOptions();
        command.Options.Add(options._model);
        command.Options.Add(options._seed);
        command.Options.Add(options._temperature);
        command.Options.Add(options._keyValues);
        return options;
    }

    public string? Model(ParseResult parsed) => parsed.GetValue(_model);

    public long? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public float? Temperature(ParseResult parsed) => parsed.GetValue(_temperature);

    /// <summary>How the model is computed.</summary>
    public InferenceOptions Inference(ParseResult parsed) => new() { KeyValueType = parsed.GetValue(_keyValues) };

    /// <summary>The chosen model with all tools; the options hold for every answer.</summary>
    public Assistant OpenAssistant(ParseResult parsed)
    {
        var sampling = new SamplingOptions { Temperature = Temperature(parsed) ?? 0, Seed = Seed(parsed) is { } seed ? unchecked((ulong)seed) : null };
        return new Assistant(ModelSource.OpenChat(Model(parsed), sampling, Inference(parsed)), Toolbox.All);
    }
}
