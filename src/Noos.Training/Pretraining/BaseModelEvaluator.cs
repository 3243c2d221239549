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
    public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default) => new(
        model.Step,
        model.Tokens,
        sources.ToDictionary(
            source => source.Name,
            source => Loss(model, CrossEntropy.Instance, source.Rows, cancellationToken) / Math.Log(2) / source.Bytes,
            StringComparer.Ordinal),
        [.. prompts.Select(prompt => new SampleCompletion(prompt, Complete(model.Parameters, prompt, cancellationToken)))])
    {
        Recall = recall?.ToDictionary(
            task => task.Name,
            task => 1 - (Loss(model, TopOneErrors.Instance, task.Rows, cancellationToken) / task.Rows.Sum(row => row.TargetCount)),
            StringComparer.Ordinal),
    };

    static double Loss(ModelSnapshot model, IObjective objective, IReadOnlyList<TrainingRow> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return model.Losses.Loss(objective, rows);
    }

    string Complete(Parameters parameters, string prompt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var sampler = new ReferenceSampler(parameters);
        return tokenizer.DecodeText(
            sampler.Continue([tokenizer.EndOfText, .. tokenizer.Encode(prompt)], sampleTokens, tokenizer.EndOfText));
    }
}
