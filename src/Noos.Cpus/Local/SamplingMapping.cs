using Noos.Core;
using Noos.Inference.Sampling;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.Local;

/// <summary>From what a request asks for to what the engine's sampler reads.</summary>
public static class SamplingMapping
{
    /// <summary>The defaults, changed to what the options say.</summary>
    /// <exception cref="NoosException">A number is out of range.</exception>
    public static SamplingOptions ApplyTo(this GenerationOptions options, SamplingOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaults);
        var sampling = defaults with
        {
            Temperature = options.Temperature ?? defaults.Temperature,
            // Whoever asks for a temperature gets it for every token.
            GreedySpans = options.GreedySpans ?? options.Temperature is null,
            TopK = options.TopK ?? defaults.TopK,
            TopP = options.TopP ?? defaults.TopP,
            MinP = options.MinP ?? defaults.MinP,
            TopNSigma = options.TopNSigma ?? defaults.TopNSigma,
            TypicalP = options.TypicalP ?? defaults.TypicalP,
            XtcProbability = options.XtcProbability ?? defaults.XtcProbability,
            XtcThreshold = options.XtcThreshold ?? defaults.XtcThreshold,
            SequencePenalty = ToSequencePenalty(options, defaults.SequencePenalty),
            Seed = options.Seed ?? defaults.Seed,
            FrequencyPenalty = options.FrequencyPenalty ?? defaults.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? defaults.PresencePenalty,
            RepetitionPenalty = options.RepetitionPenalty ?? defaults.RepetitionPenalty,
            RepetitionWindow = options.RepetitionWindow ?? defaults.RepetitionWindow,
            LogitBias = options.LogitBias ?? defaults.LogitBias,
            TopLogProbabilities = options.TopLogProbabilities ?? defaults.TopLogProbabilities,
            MaxTokens = options.MaxTokens ?? defaults.MaxTokens,
            DraftTokens = options.DraftTokens ?? defaults.DraftTokens,
        };
        try
        {
            return sampling.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new NoosException(ErrorKind.Invalid, exception.Message, exception);
        }
    }

    static SequencePenalty? ToSequencePenalty(GenerationOptions options, SequencePenalty? defaults)
    {
        if (options.DryMultiplier is not { } multiplier)
        {
            return defaults;
        }

        var usual = new SequencePenalty();
        return new SequencePenalty
        {
            Multiplier = multiplier,
            Base = options.DryBase ?? usual.Base,
            AllowedLength = options.DryAllowedLength ?? usual.AllowedLength,
            Window = options.DryWindow ?? usual.Window,
            Breakers = options.DryBreakers ?? usual.Breakers,
        };
    }
}
