using Noos.Core.Conversations;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Training.FineTuning;

/// <summary>Bits per byte of the assistant's turns in held-out conversations, and its greedy next turn for fixed prompts.</summary>
public sealed class AssistantEvaluator(
    ChatFormat format, IReadOnlyList<TrainingRow> heldOut, IReadOnlyList<string> prompts, int sampleTokens = 60) : IEvaluator
{
    // Reserved tokens stand for no bytes of text: they are predicted, but do not lengthen it.
    readonly long _bytes = heldOut.Sum(row => Enumerable.Range(0, row.Length)
        .Where(position => row.Counts(position) && !format.Tokenizer.IsSpecial(row.Tokens[position + 1]))
        .Sum(position => (long)format.Tokenizer.BytesOf(row.Tokens[position + 1]).Length));

    public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default)
    {
        var bits = model.Losses.Loss(CrossEntropy.Instance, heldOut) / Math.Log(2);
        return new Evaluation(
            model.Step,
            model.Tokens,
            new Dictionary<string, double>(StringComparer.Ordinal) { ["assistant"] = bits / Math.Max(1, _bytes) },
            [.. prompts.Select(prompt => new SampleCompletion(prompt, Answer(model.Parameters, prompt, cancellationToken)))]);
    }

    string Answer(Parameters parameters, string prompt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var sampler = new ReferenceSampler(parameters);
        var prefix = format.RenderPrompt(Conversation.From(Message.User(prompt)));
        return format.Tokenizer.DecodeText(sampler.Continue(prefix, sampleTokens, format.Tokenizer.EndOfTurn, format.Tokenizer.EndOfText));
    }
}
