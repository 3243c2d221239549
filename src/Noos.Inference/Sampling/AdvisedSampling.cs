using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Inference.Sampling;

/// <summary>How a model's makers advise to draw its tokens: the keys <c>general.sampling.*</c> of its file, as llama.cpp reads them.</summary>
static class AdvisedSampling
{
    /// <summary>The advice; what the file does not say, or says beyond all sense, stays greedy.</summary>
    /// <exception cref="NoosException">A key holds something else than a number.</exception>
    public static SamplingOptions Of(GgufFile file)
    {
        var usual = new SamplingOptions();
        return usual with
        {
            Temperature = Number(file, "temp", 0, 100) ?? usual.Temperature,
            TopK = Integer(file, "top_k", 0) ?? usual.TopK,
            TopP = Number(file, "top_p", 0, 1) ?? usual.TopP,
            MinP = Number(file, "min_p", 0, 1) ?? usual.MinP,
            XtcProbability = Number(file, "xtc_probability", 0, 1) ?? usual.XtcProbability,
            XtcThreshold = Number(file, "xtc_threshold", 0, 1) ?? usual.XtcThreshold,
            RepetitionPenalty = Number(file, "penalty_repeat", 0.01f, 100) ?? usual.RepetitionPenalty,
            RepetitionWindow = Integer(file, "penalty_last_n", -1) ?? usual.RepetitionWindow,
        };
    }

    static float? Number(GgufFile file, string name, float least, float most) =>
        file.GetFloat(Key(name)) is { } value && value >= least && value <= most ? (float)value : null;

    static int? Integer(GgufFile file, string name, int least) => file.GetInteger(Key(name)) is { } value && value >= least && value <= int.MaxValue ? (int)value : null;

    static string Key(string name) => "general.sampling." + name;
}
