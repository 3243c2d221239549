using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Training.Pretraining;

/// <summary>Bits per byte on held-out text of every source, which compares across vocabularies, and completions of fixed prompts.</summary>
public sealed class BaseModelEvaluator(
    Tokenizer tokenizer, IReadOnlyList<HeldOutSource> sources, IReadOnlyList<string> prompts, int sampleTokens = 48) : IEvaluator
{
    public Evaluation Evaluate(ModelSnapshot model) => new(
        model.Step,
        model.Tokens,
        sources.ToDictionary(
            source => source.Name,
            source => model.Losses.Loss(CrossEntropy.Instance, source.Rows) / Math.Log(2) / source.Bytes,
            StringComparer.Ordinal),
        [.. prompts.Select(prompt => new SampleCompletion(prompt, Complete(model.Parameters, prompt)))]);

    string Complete(Parameters parameters, string prompt)
    {
        using var sampler = new ReferenceSampler(parameters);
        return tokenizer.DecodeText(
            sampler.Continue([tokenizer.EndOfText, .. tokenizer.Encode(prompt)], sampleTokens, tokenizer.EndOfText));
    }
}
