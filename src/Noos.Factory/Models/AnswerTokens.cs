using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Language.Tokenization;

namespace Noos.Factory.Models;

/// <summary>An answer as the tokens of a conversation.</summary>
public static class AnswerTokens
{
    /// <summary>
    /// Prompt and answer, up to and including the end of the turn; without that where it was not ended. Nothing follows it.
    /// </summary>
    /// <param name="format">The layout.</param>
    /// <param name="prompt">Up to the question.</param>
    /// <param name="answer">What the model made, calls and results included.</param>
    /// <param name="isEnded">Whether the last message was ended.</param>
    /// <returns>The tokens, and for each whether the model said it.</returns>
    public static (int[] Tokens, bool[] IsAnswer) Render(
        ChatFormat format, Conversation prompt, IReadOnlyList<Message> answer, bool isEnded)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        var (tokens, isAnswer) = (new List<int>(), new List<bool>());
        format.Render(
            new Conversation([.. prompt.Messages.Select(message => message with { Weight = 0 }), .. answer]), tokens, isAnswer);

        // After the end of the turn there is a line end, which nobody says; the end itself is said where the turn was ended.
        var end = isAnswer.LastIndexOf(true) + (isEnded ? 1 : 0);
        return ([.. tokens[..end]], [.. isAnswer[..end]]);
    }

    /// <summary>What sampled tokens say.</summary>
    public static string Text(Tokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Encoding.UTF8.GetString(tokenizer.Decode(tokens));
    }

    /// <summary>The calls among sampled tokens: what stands between the tokens of a call and is JSON with a name.</summary>
    public static IReadOnlyList<ToolCallPart> Calls(Tokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var calls = new List<ToolCallPart>();
        if (!tokenizer.TryGetSpecial(SpecialTokens.ToolCallStart, out var start)
            || !tokenizer.TryGetSpecial(SpecialTokens.ToolCallEnd, out var end))
        {
            return calls;
        }

        while (tokens.IndexOf(start) is >= 0 and var first)
        {
            tokens = tokens[(first + 1)..];
            var length = tokens.IndexOf(end);
            if (length < 0)
            {
                break;
            }

            if (ReadCall(tokenizer.Decode(tokens[..length])) is { } call)
            {
                calls.Add(call);
            }

            tokens = tokens[(length + 1)..];
        }

        return calls;
    }

    static ToolCallPart? ReadCall(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && root.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.Object
                ? new ToolCallPart(name.GetString()!, arguments.Clone())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
