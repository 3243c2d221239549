using System.CommandLine;
using System.Globalization;
using Noos.Inference;
using Noos.Kernel;
using Noos.Language;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions
{
    readonly Option<string?> _model = ModelOption();

    readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same answer." };

    readonly Option<float?> _temperature = Number("--temperature", "0 always takes the likeliest word; higher is more varied, up to 2.", 0, 2, "-t");

    readonly Option<int?> _topK = new("--top-k") { Description = "Choose among so many of the likeliest tokens; 0 for all." };

    readonly Option<float?> _topP = Number("--top-p", "Choose among the likeliest tokens that together have this probability.", 0, 1);

    readonly Option<float?> _minP = Number("--min-p", "Choose among tokens at least this likely, compared with the likeliest.", 0, 1);

    readonly Option<float?> _repeatPenalty = Number("--repeat-penalty", "Above 1, what was just written, or stands at the end of the prompt, is less likely to come again.", 0.01f, 100);

    readonly Option<int?> _repeatLastN = new("--repeat-last-n") { Description = "How many of the last tokens count for --repeat-penalty: 64 unless told otherwise, -1 for all." };

    readonly Option<float?> _frequencyPenalty = Number("--frequency-penalty", "Each time a token was written, it gets so much less likely.", -2, 2);

    readonly Option<float?> _presencePenalty = Number("--presence-penalty", "Every token that was written gets so much less likely.", -2, 2);

    readonly Option<string[]> _logitBias = new("--logit-bias") { Description = "TOKEN=BIAS: adds to the score of a token, by its number; can be given several times." };

    readonly Option<string[]> _adapters = new("--lora") { Description = "A LoRA adapter in GGUF format, FILE or FILE:SCALE; can be given several times." };

    public static Option<string?> ModelOption() => new("--model", "-m") { Description = "A name that 'noos models' lists, a .gguf file, or an OpenAI-compatible address such as http://localhost:8080/v1#name (default: $NOOS_MODEL, else the assistant in the models folder)." };

    public static ModelOptions AddTo(Command command)
    {
        var options = new ModelOptions();
        foreach (var option in (Option[])[
            options._model, options._seed, options._temperature, options._topK, options._topP, options._minP, options._repeatPenalty, options._repeatLastN,
            options._frequencyPenalty, options._presencePenalty, options._logitBias, options._adapters])
        {
            command.Options.Add(option);
        }

        return options;
    }

    public string? Model(ParseResult parsed) => parsed.GetValue(_model);

    public IReadOnlyList<AdapterFile> Adapters(ParseResult parsed) => [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterFile.Parse)];

    /// <summary>How tokens are drawn: what was given, else the defaults.</summary>
    public SamplingOptions Sampling(ParseResult parsed, SamplingOptions defaults)
    {
        var options = defaults with
        {
            Temperature = parsed.GetValue(_temperature) ?? defaults.Temperature,
            Seed = parsed.GetValue(_seed) is { } seed ? unchecked((ulong)seed) : defaults.Seed,
            TopK = parsed.GetValue(_topK) ?? defaults.TopK,
            TopP = parsed.GetValue(_topP) ?? defaults.TopP,
            MinP = parsed.GetValue(_minP) ?? defaults.MinP,
            RepetitionPenalty = parsed.GetValue(_repeatPenalty) ?? defaults.RepetitionPenalty,
            RepetitionWindow = parsed.GetValue(_repeatLastN) ?? defaults.RepetitionWindow,
            FrequencyPenalty = parsed.GetValue(_frequencyPenalty) ?? defaults.FrequencyPenalty,
            PresencePenalty = parsed.GetValue(_presencePenalty) ?? defaults.PresencePenalty,
            LogitBias = parsed.GetValue(_logitBias) is { Length: > 0 } biases ? Biases(biases) : defaults.LogitBias,
        };
        try
        {
            return options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new NoosException(exception.Message, exception);
        }
    }

    /// <summary>The chosen model with all tools; the options hold for every answer.</summary>
    public Assistant OpenAssistant(ParseResult parsed) =>
        new(ModelSource.OpenChat(Model(parsed), Sampling(parsed, new SamplingOptions()), Adapters(parsed)), Toolbox.All);

    static Option<float?> Number(string name, string description, float least, float most, params string[] aliases)
    {
        var option = new Option<float?>(name, aliases) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<float?>() is { } value && !(value >= least && value <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"The {name[2..].Replace('-', ' ')} must be a number from {least} to {most}."));
            }
        });
        return option;
    }

    static Dictionary<int, float> Biases(string[] texts)
    {
        var biases = new Dictionary<int, float>();
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            biases[parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : throw Bad(text)] =
                float.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var bias) ? bias : throw Bad(text);
        }

        return biases;

        static NoosException Bad(string text) => new($"'{text}' is no bias; write the number of a token and what to add, such as 42=-5.");
    }
}
