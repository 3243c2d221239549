using Noos.Core.Conversations;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.FineTuning;

/// <summary>Bits per byte of the assistant's turns in held-out conversations, and its greedy next turn for fixed prompts.</summary>
public sealed class AssistantEvaluator(ChatFormat format, IReadOnlyList<TrainingRow> heldOut, IReadOnlyList<string> prompts, int sampleTokens = 60) : IEvaluator
{
    public Evaluation Evaluate(long step, long tokens, GradientTeam model, Parameters parameters)
    {
        var tokenizer = format.Tokenizer;
        var bytes = heldOut.Sum(row => row.IsTarget.Select((counts, index) => counts && !tokenizer.IsSpecial(row.Tokens[index + 1]) ? (long)tokenizer.BytesOf(row.Tokens[index + 1]).Length : 0).Sum());
        return new Evaluation(
            step,
            tokens,
            new Dictionary<string, double>(StringComparer.Ordinal) { ["assistant"] = model.Loss(heldOut) / Math.Log(2) / Math.Max(1, bytes) },
            [.. prompts.Select(prompt => new Sample(prompt, Answer(parameters, prompt)))]);
    }

    string Answer(Parameters parameters, string prompt)
    {
        using var sampler = new ReferenceSampler(parameters);
        var prefix = format.RenderPrompt(Conversation.Of(Message.User(prompt)));
        return format.Tokenizer.DecodeText(sampler.Continue(prefix, sampleTokens, format.Tokenizer.EndOfTurn, format.Tokenizer.EndOfText));
    }
}
