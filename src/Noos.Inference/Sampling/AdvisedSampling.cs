using System.Globalization;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Sampling;

/// <summary>
/// How a model's makers advise to draw its tokens: the keys <c>general.sampling.*</c> of its file, as llama.cpp reads them.
/// </summary>
static class AdvisedSampling
{
    static readonly (string Name, double Min, double Max)[] s_limits =
    [
        ("temp", 0, 100), ("top_k", 0, int.MaxValue), ("top_p", 0, 1), ("min_p", 0, 1), ("xtc_probability", 0, 1), ("xtc_threshold", 0, 1),
        ("penalty_repeat", 0.01f, 100), ("penalty_last_n", -1, int.MaxValue),
    ];

    /// <summary>The advice; what the file does not say, or says beyond all sense, stays greedy.</summary>
    /// <exception cref="NoosException">A key holds something else than a number.</exception>
    public static SamplingOptions Read(GgufFile file)
    {
        var defaults = new SamplingOptions();
        return defaults with
        {
            Temperature = Number("temp") ?? defaults.Temperature,
            TopK = Integer("top_k") ?? defaults.TopK,
            TopP = Number("top_p") ?? defaults.TopP,
            MinP = Number("min_p") ?? defaults.MinP,
            XtcProbability = Number("xtc_probability") ?? defaults.XtcProbability,
            XtcThreshold = Number("xtc_threshold") ?? defaults.XtcThreshold,
            RepetitionPenalty = Number("penalty_repeat") ?? defaults.RepetitionPenalty,
            RepetitionWindow = Integer("penalty_last_n") ?? defaults.RepetitionWindow,
        };

        float? Number(string name) => file.GetFloat(SamplingAdvice.Key(name)) is { } value && IsSensible(name, value) ? (float)value : null;

        int? Integer(string name) => file.GetInteger(SamplingAdvice.Key(name)) is { } value && IsSensible(name, value) ? (int)value : null;
    }

    /// <summary>What <see cref="Read"/> passes over, a sentence each.</summary>
    /// <inheritdoc cref="Read"/>
    public static IEnumerable<string> FindIgnored(GgufFile file) =>
        from limits in s_limits
        let key = SamplingAdvice.Key(limits.Name)
        let value = file.GetFloat(key)
        where value is not null && !IsSensible(limits.Name, value.Value)
        select string.Create(
            CultureInfo.InvariantCulture,
            $"{key} is {value}, which is no number from {limits.Min} to {limits.Max}; the usual value holds.");

    // NaN is in no range.
    static bool IsSensible(string name, double value) =>
        Array.Find(s_limits, limits => limits.Name == name) is var (_, min, max) && value >= min && value <= max;
}
