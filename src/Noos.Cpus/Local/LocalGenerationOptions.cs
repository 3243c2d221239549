using Microsoft.Extensions.AI;
using Noos.Inference.Sampling;

namespace Noos.Cpus.Local;

/// <summary>
/// What a request to a local model can say beyond what <see cref="ChatOptions"/> has names for; null leaves a thing as it is. Other models
/// pass over it.
/// </summary>
public sealed record LocalGenerationOptions
{
    const string Key = "noos";

    /// <summary>See <see cref="SamplingOptions.MinP"/>.</summary>
    public float? MinP { get; init; }

    /// <summary>See <see cref="SamplingOptions.TopNSigma"/>.</summary>
    public float? TopNSigma { get; init; }

    /// <summary>See <see cref="SamplingOptions.TypicalP"/>.</summary>
    public float? TypicalP { get; init; }

    /// <summary>See <see cref="SamplingOptions.XtcProbability"/>.</summary>
    public float? XtcProbability { get; init; }

    /// <summary>See <see cref="SamplingOptions.XtcThreshold"/>.</summary>
    public float? XtcThreshold { get; init; }

    /// <summary>See <see cref="SamplingOptions.SequencePenalty"/>.</summary>
    public SequencePenalty? SequencePenalty { get; init; }

    /// <summary>See <see cref="SamplingOptions.RepetitionPenalty"/>.</summary>
    public float? RepetitionPenalty { get; init; }

    /// <summary>See <see cref="SamplingOptions.RepetitionWindow"/>.</summary>
    public int? RepetitionWindow { get; init; }

    /// <summary>See <see cref="SamplingOptions.LogitBias"/>.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>See <see cref="SamplingOptions.TopLogProbabilities"/>.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>The scales of the loaded adapters by their numbers; those that are not named do not act. Null for the usual scales.</summary>
    public IReadOnlyDictionary<int, float>? AdapterScales { get; init; }

    /// <summary>What the options say; all null where they say nothing.</summary>
    public static LocalGenerationOptions Of(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(Key, out var value) == true && value is LocalGenerationOptions details ? details : new LocalGenerationOptions();

    /// <summary>Puts the details into the options.</summary>
    public void AddTo(ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.AdditionalProperties ??= [])[Key] = this;
    }
}
