using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Training.Pretraining;

/// <summary>
/// Bits per byte on held-out text of every source, which compares across vocabularies, completions of fixed prompts, and how much the model
/// can tell by looking back.
/// </summary>
public sealed class BaseModelEvaluator(
    Tokenizer tokenizer, IReadOnlyList<HeldOutSource> sources, IReadOnlyList<string> prompts, int sampleTokens = 48,
    IReadOnlyList<RecallTask>? recall = null) : IEvaluator
{
    public Evaluation Evaluate(ModelSnapshot model) => new(
        model.Step,
        model.Tokens,
        sources.ToDictionary(
            source => source.Name,
            source => model.Losses.Loss(CrossEntropy.Instance, source.Rows) / Math.Log(2) / source.Bytes,
            StringComparer.Ordinal),
        [.. prompts.Select(prompt => new SampleCompletion(prompt, Complete(model.Parameters, prompt)))])
    {
        Recall = recall?.ToDictionary(
            task => task.Name,
            task => 1 - (model.Losses.Loss(TopOneErrors.Instance, task.Rows) / task.Rows.Sum(row => row.TargetCount)),
            StringComparer.Ordinal),
    };

    string Complete(Parameters parameters, string prompt)
    {
        using var sampler = new ReferenceSampler(parameters);
        return tokenizer.DecodeText(
            sampler.Continue([tokenizer.EndOfText, .. tokenizer.Encode(prompt)], sampleTokens, tokenizer.EndOfText));
    }
}
