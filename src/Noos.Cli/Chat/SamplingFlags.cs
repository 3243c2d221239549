using System.CommandLine;
using System.Globalization;
using Noos.Core;
using Noos.Inference.Sampling;

namespace Noos.Cli.Chat;

/// <summary>The options that say how tokens are drawn; named as llama.cpp names them.</summary>
sealed class SamplingFlags
{
    readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same answer." };

    readonly Option<float?> _temperature = Number("--temperature", "0 always takes the likeliest word; higher is more varied, up to 2.", 0, 2, "-t");

    readonly Option<int?> _topK = new("--top-k") { Description = "Choose among so many of the likeliest tokens; 0 for all." };

    readonly Option<float?> _topP = Number("--top-p", "Choose among the likeliest tokens that together have this probability.", 0, 1);

    readonly Option<float?> _minP = Number("--min-p", "Choose among tokens at least this likely, compared with the likeliest.", 0, 1);

    readonly Option<float?> _topNSigma = Number("--top-nsigma", "Choose among tokens whose scores are at most so many standard deviations below the best; 0 for all.", 0, 100);

    readonly Option<float?> _typicalP = Number("--typical", "Choose among tokens of ordinary surprise that together have this probability; 1 for all.", 0, 1);

    readonly Option<float?> _xtcProbability = Number("--xtc-probability", "How often the likely tokens are passed over for the least likely of them (XTC); 0 for never.", 0, 1);

    readonly Option<float?> _xtcThreshold = Number("--xtc-threshold", "From which probability on a token is likely, for --xtc-probability: 0.1 unless told otherwise.", 0, 1);

    readonly Option<float?> _dryMultiplier = Number("--dry-multiplier", "Above 0, what would repeat a sequence of tokens gets less likely (DRY); 0.8 is usual.", 0, 100);

    readonly Option<float?> _dryBase = Number("--dry-base", "How much more so with each token of the sequence: 1.75 unless told otherwise.", 1, 100);

    readonly Option<int?> _dryAllowedLength = new("--dry-allowed-length") { Description = "Shorter sequences may be repeated: 2 tokens unless told otherwise." };

    readonly Option<int?> _dryWindow = new("--dry-penalty-last-n") { Description = "How many of the last tokens are looked at for --dry-multiplier: all unless told otherwise." };

    readonly Option<float?> _repeatPenalty = Number("--repeat-penalty", "Above 1, what was just written, or stands at the end of the prompt, is less likely to come again.", 0.01f, 100);

    readonly Option<int?> _repeatLastN = new("--repeat-last-n") { Description = "How many of the last tokens count for --repeat-penalty: 64 unless told otherwise, -1 for all." };

    readonly Option<float?> _frequencyPenalty = Number("--frequency-penalty", "Each time a token was written, it gets so much less likely.", -2, 2);

    readonly Option<float?> _presencePenalty = Number("--presence-penalty", "Every token that was written gets so much less likely.", -2, 2);

    readonly Option<string[]> _logitBias = new("--logit-bias") { Description = "TOKEN=BIAS: adds to the score of a token, by its number; can be given several times." };

    public IReadOnlyList<Option> All =>
    [
        _seed, _temperature, _topK, _topP, _minP, _topNSigma, _typicalP, _xtcProbability, _xtcThreshold, _dryMultiplier, _dryBase, _dryAllowedLength, _dryWindow,
        _repeatPenalty, _repeatLastN, _frequencyPenalty, _presencePenalty, _logitBias,
    ];

    /// <summary>What was given, else the defaults.</summary>
    public SamplingOptions Read(ParseResult parsed, SamplingOptions defaults)
    {
        var options = defaults with
        {
            Temperature = parsed.GetValue(_temperature) ?? defaults.Temperature,
            Seed = parsed.GetValue(_seed) is { } seed ? unchecked((ulong)seed) : defaults.Seed,
            TopK = parsed.GetValue(_topK) ?? defaults.TopK,
            TopP = parsed.GetValue(_topP) ?? defaults.TopP,
            MinP = parsed.GetValue(_minP) ?? defaults.MinP,
            TopNSigma = parsed.GetValue(_topNSigma) ?? defaults.TopNSigma,
            TypicalP = parsed.GetValue(_typicalP) ?? defaults.TypicalP,
            XtcProbability = parsed.GetValue(_xtcProbability) ?? defaults.XtcProbability,
            XtcThreshold = parsed.GetValue(_xtcThreshold) ?? defaults.XtcThreshold,
            SequencePenalty = parsed.GetValue(_dryMultiplier) is { } multiplier ? Sequences(parsed, multiplier) : defaults.SequencePenalty,
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

    SequencePenalty Sequences(ParseResult parsed, float multiplier)
    {
        var usual = new SequencePenalty();
        return usual with
        {
            Multiplier = multiplier,
            Base = parsed.GetValue(_dryBase) ?? usual.Base,
            AllowedLength = parsed.GetValue(_dryAllowedLength) ?? usual.AllowedLength,
            Window = parsed.GetValue(_dryWindow) ?? usual.Window,
        };
    }

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
