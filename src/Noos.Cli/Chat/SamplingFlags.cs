using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Cpus.Local;
using Noos.Inference.Sampling;
using Noos.Kernel.Cpu;

namespace Noos.Cli.Chat;

/// <summary>The options that say how tokens are drawn; named as llama.cpp names them.</summary>
sealed class SamplingFlags
{
    // OpenAI's limit, which the API has, too.
    const int MaxBias = 100;

    readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same answer." };

    readonly Option<float?> _temperature = Number(
        "--temperature", "0 always takes the likeliest word; higher is more varied, up to 2.", 0, 2, "-t");

    readonly Option<bool?> _greedySpans = new("--greedy-spans")
    {
        Arity = ArgumentArity.ExactlyOne,
        Description =
            "true or false: the first five tokens, calls, quoted spans, numbers and the rest of a word are the likeliest, whatever the "
            + "temperature (default: where the temperature is the one in the model's file).",
    };

    readonly Option<bool> _noLoopGuard = new("--no-loop-guard")
    {
        Description =
            "Let an answer go on that repeats itself; usually it is cut back to where it began to, and ends there (only local models).",
    };

    readonly Option<int?> _topK = new Option<int?>("--top-k")
    {
        Description = "Choose among so many of the likeliest tokens; 0 or -1 for all.",
    }.AtLeast(-1);

    readonly Option<float?> _topP = Number("--top-p", "Choose among the likeliest tokens that together have this probability.", 0, 1);

    readonly Option<float?> _minP = Number("--min-p", "Choose among tokens at least this likely, compared with the likeliest.", 0, 1);

    readonly Option<float?> _topNSigma = Number(
        "--top-nsigma", "Choose among tokens whose scores are at most so many standard deviations below the best; 0 or -1 for all.", -1,
        100);

    readonly Option<float?> _typicalP = Number(
        "--typical", "Choose among tokens of ordinary surprise that together have this probability; 1 for all.", 0, 1);

    readonly Option<float?> _xtcProbability = Number(
        "--xtc-probability", "How often the likely tokens are passed over for the least likely of them (XTC); 0 for never.", 0, 1);

    readonly Option<float?> _xtcThreshold = Number(
        "--xtc-threshold", "From which probability on a token is likely, for --xtc-probability: 0.1 unless told otherwise.", 0, 1);

    readonly Option<float?> _dryMultiplier = Number(
        "--dry-multiplier", "Above 0, what would repeat a sequence of tokens gets less likely (DRY); 0.8 is usual.", 0, 100);

    readonly Option<float?> _dryBase = Number(
        "--dry-base", "How much more so with each token of the sequence: 1.75 unless told otherwise.", 1, 100);

    readonly Option<int?> _dryAllowedLength = new Option<int?>("--dry-allowed-length")
    {
        Description = "Shorter sequences may be repeated: 2 tokens unless told otherwise.",
    }.Between(1, 100_000);

    readonly Option<int?> _dryWindow = new Option<int?>("--dry-penalty-last-n")
    {
        Description = "How many of the last tokens are looked at for --dry-multiplier: all unless told otherwise.",
    }.AtLeast(-1);

    readonly Option<float?> _repeatPenalty = Number("--repeat-penalty",
        "Above 1, what was just written, or stands at the end of the prompt, is less likely to come again.", 0.01f, 100);

    readonly Option<int?> _repeatLastN = new Option<int?>("--repeat-last-n")
    {
        Description = "How many of the last tokens count for --repeat-penalty: 64 unless told otherwise, -1 for all.",
    }.AtLeast(-1);

    readonly Option<float?> _frequencyPenalty = Number(
        "--frequency-penalty", "Each time a token was written, it gets so much less likely.", -2, 2);

    readonly Option<float?> _presencePenalty = Number(
        "--presence-penalty", "Every token that was written gets so much less likely.", -2, 2);

    readonly Option<string[]> _logitBias = new("--logit-bias")
    {
        Description = "TOKEN=BIAS: adds to the score of a token, by its number, from -100 to 100; can be given several times.",
    };

    readonly Option<string?> _grammar = new("--grammar")
    {
        Description = "FILE: a grammar in llama.cpp's GBNF; the answer can only be one of its texts (only local models).",
    };

    readonly Option<bool> _extractive = new("--extractive")
    {
        Description =
            "The answer is a span of what was read (tool results, files, else the question's text before its last line), or '"
            + ExtractiveFormat.DefaultRefusal + "' Nothing can be invented (only local models).",
    };

    readonly Option<bool> _cite = new("--cite") { Description = "With --extractive: the span may be followed by its passage, as in [2]." };

    readonly Option<int?> _draftTokens = new Option<int?>("--draft-tokens")
    {
        Description =
            "Prompt look-up decoding: where the text repeats itself, guess up to so many tokens and check them at once, 0 to 64. "
            + "Changes no answer; sooner where text is repeated.",
    }.Between(0, 64);

    public IReadOnlyList<Option> All =>
    [
        _seed, _temperature, _greedySpans, _noLoopGuard, _topK, _topP, _minP, _topNSigma, _typicalP, _xtcProbability, _xtcThreshold,
        _dryMultiplier, _dryBase, _dryAllowedLength, _dryWindow,
        _repeatPenalty, _repeatLastN, _frequencyPenalty, _presencePenalty, _logitBias, _grammar, _extractive, _cite,
        _draftTokens,
    ];

    /// <summary>The answer is taken from what was read.</summary>
    public bool IsExtractive(ParseResult parsed) => parsed.GetValue(_extractive);

    /// <summary>Those that say among which tokens is drawn, and how.</summary>
    public IReadOnlyList<Option> Drawing => [_temperature, _topK, _topP, _minP, _topNSigma, _typicalP];

    /// <summary>What was given; the rest is open.</summary>
    public GenerationOptions Read(ParseResult parsed)
    {
        var options = new GenerationOptions
        {
            Temperature = parsed.GetValue(_temperature),
            Seed = parsed.GetValue(_seed) is { } seed ? unchecked((ulong)seed) : null,
            GreedySpans = parsed.GetValue(_greedySpans),
            LoopGuard = parsed.GetValue(_noLoopGuard) ? false : null,
            TopK = parsed.GetValue(_topK) is { } candidates ? Math.Max(0, candidates) : null,
            TopP = parsed.GetValue(_topP),
            MinP = parsed.GetValue(_minP),
            TopNSigma = parsed.GetValue(_topNSigma) is { } deviations ? Math.Max(0, deviations) : null,
            TypicalP = parsed.GetValue(_typicalP),
            XtcProbability = parsed.GetValue(_xtcProbability),
            XtcThreshold = parsed.GetValue(_xtcThreshold),
            DryMultiplier = parsed.GetValue(_dryMultiplier),
            DryBase = parsed.GetValue(_dryBase),
            DryAllowedLength = parsed.GetValue(_dryAllowedLength),
            DryWindow = parsed.GetValue(_dryWindow),
            RepetitionPenalty = parsed.GetValue(_repeatPenalty),
            RepetitionWindow = parsed.GetValue(_repeatLastN),
            FrequencyPenalty = parsed.GetValue(_frequencyPenalty),
            PresencePenalty = parsed.GetValue(_presencePenalty),
            LogitBias = parsed.GetValue(_logitBias) is { Length: > 0 } biases ? Biases(biases) : null,
            ResponseFormat = ReadFormat(parsed),
            DraftTokens = parsed.GetValue(_draftTokens),
        };

        // A number out of range is told before a model is loaded.
        options.ApplyTo(new SamplingOptions());
        return options;
    }

    ResponseFormat? ReadFormat(ParseResult parsed)
    {
        var (grammar, isExtractive, cites) = (parsed.GetValue(_grammar), parsed.GetValue(_extractive), parsed.GetValue(_cite));
        if (grammar is not null && isExtractive)
        {
            throw new NoosException("An answer has one format; give --grammar or --extractive, not both.");
        }

        if (cites && !isExtractive)
        {
            throw new NoosException("Passages are cited in extractive answers only; give --extractive as well, or leave out --cite.");
        }

        return isExtractive ? ResponseFormat.Extract(new ExtractiveFormat { Cite = cites })
            : grammar is not null ? ResponseFormat.Gbnf(ReadGrammar(grammar))
            : null;
    }

    static string ReadGrammar(string path)
    {
        try
        {
            RegularFile.Require(path);
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.NotFound, $"The grammar '{path}' cannot be read; check its name and permissions.", exception);
        }
    }

    static Option<float?> Number(string name, string description, float min, float max, params string[] aliases)
    {
        var option = new Option<float?>(name, aliases) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.TryGetValue<float?>(out var value) && !(value is null || (value >= min && value <= max)))
            {
                result.AddError(
                    string.Create(
                        CultureInfo.InvariantCulture, $"The {name[2..].Replace('-', ' ')} must be a number from {min} to {max}."));
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
            biases[parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var token)
                ? token
                : throw Bad(text)] =
                float.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var bias)
                    && bias is >= -MaxBias and <= MaxBias
                    ? bias
                    : throw Bad(text);
        }

        return biases;

        static NoosException Bad(string text) => new(
            $"'{text}' is no bias; write the number of a token and what to add, from -{MaxBias} to {MaxBias}, such as 42=-5.");
    }
}
