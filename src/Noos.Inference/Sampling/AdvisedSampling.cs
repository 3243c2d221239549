using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Sampling;

/// <summary>
/// How a model's makers advise to draw its tokens: the keys <c>general.sampling.*</c> of its file, as llama.cpp reads them.
/// </summary>
static class AdvisedSampling
{
    /// <summary>The advice; what the file does not say, or says beyond all sense, stays greedy.</summary>
    /// <exception cref="NoosException">A key holds something else than a number.</exception>
    public static SamplingOptions Read(GgufFile file)
    {
        var defaults = new SamplingOptions();
        return defaults with
        {
            Temperature = Number(file, "temp", 0, 100) ?? defaults.Temperature,
            TopK = Integer(file, "top_k", 0) ?? defaults.TopK,
            TopP = Number(file, "top_p", 0, 1) ?? defaults.TopP,
            MinP = Number(file, "min_p", 0, 1) ?? defaults.MinP,
            XtcProbability = Number(file, "xtc_probability", 0, 1) ?? defaults.XtcProbability,
            XtcThreshold = Number(file, "xtc_threshold", 0, 1) ?? defaults.XtcThreshold,
            RepetitionPenalty = Number(file, "penalty_repeat", 0.01f, 100) ?? defaults.RepetitionPenalty,
            RepetitionWindow = Integer(file, "penalty_last_n", -1) ?? defaults.RepetitionWindow,
        };
    }

    static float? Number(GgufFile file, string name, float min, float max) =>
        file.GetFloat(SamplingAdvice.Key(name)) is { } value && value >= min && value <= max ? (float)value : null;

    static int? Integer(GgufFile file, string name, int min) =>
        file.GetInteger(SamplingAdvice.Key(name)) is { } value && value >= min && value <= int.MaxValue ? (int)value : null;
}
