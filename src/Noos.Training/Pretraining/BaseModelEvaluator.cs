using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Pretraining;

/// <summary>Bits per byte on held-out text of every source, which compares across vocabularies, and completions of fixed prompts.</summary>
public sealed class BaseModelEvaluator(Tokenizer tokenizer, IReadOnlyList<HeldOutSource> sources, IReadOnlyList<string> prompts, int sampleTokens = 48) : IEvaluator
{
    public Evaluation Evaluate(long step, long tokens, GradientTeam model, Parameters parameters) => new(
        step,
        tokens,
        sources.ToDictionary(source => source.Name, source => model.Loss(source.Rows) / Math.Log(2) / source.Bytes, StringComparer.Ordinal),
        [.. prompts.Select(prompt => new Sample(prompt, Complete(parameters, prompt)))]);

    string Complete(Parameters parameters, string prompt)
    {
        using var sampler = new ReferenceSampler(parameters);
        return tokenizer.DecodeText(sampler.Continue([tokenizer.EndOfText, .. tokenizer.Encode(prompt)], sampleTokens, tokenizer.EndOfText));
    }
}
