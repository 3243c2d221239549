using System.Text;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>What a small English model may learn from: short, plain, without links, and without a word about other assistants.</summary>
public static partial class ConversationFilter
{
    /// <summary>Longest conversation in characters, about 350 tokens.</summary>
    public const int MaxLength = 1400;

    /// <summary>The same conversation with typographic quotes, dashes and dots as ASCII, and clean white space.</summary>
    public static Conversation Normalize(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return new([.. conversation.Messages.Select(message => message with
        {
            Parts = [.. message.Parts.Select(part => part is TextPart text ? new TextPart(Plain(text.Text)) : part)],
        })]);
    }

    public static bool Accepts(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var texts = conversation.Messages.SelectMany(message => message.Parts).OfType<TextPart>().Select(part => part.Text).ToList();
        return texts.Sum(text => text.Length) <= MaxLength && texts.TrueForAll(IsPlain)
            // A sum that is answered without a call teaches to guess.
            && (conversation.Messages.Any(message => message.Parts.OfType<ToolCallPart>().Any())
                || !texts.Exists(text => SumPattern().IsMatch(text)));
    }

    static bool IsPlain(string text) =>
        text.Any(char.IsAsciiLetter) && text.All(character => char.IsAscii(character) && (!char.IsControl(character) || character == '\n'))
        && !ForbiddenPattern().IsMatch(text);

    static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var character in ProseText.Clean(text))
        {
            _ = character switch
            {
                '\u2018' or '\u2019' or '\u00b4' or '`' => plain.Append('\''),
                '\u201c' or '\u201d' => plain.Append('"'),
                '\u2013' or '\u2014' or '\u2212' => plain.Append('-'),
                '\u2026' => plain.Append("..."),
                '\u00a0' or '\t' => plain.Append(' '),
                _ => plain.Append(character),
            };
        }

        return plain.ToString();
    }

    [GeneratedRegex(
        @"https?:|www\.|\.com\b|\.org\b|\{\{|\|"
        + @"|\b(?:Chat)?GPT|\bOpenAI|\bLlama\b|\bAlibaba|\bQwen|\bClaude\b|\bAnthropic|\bMistral"
        + @"|\bDeepSeek|\bBaidu|\bSiri\b|\bAlexa\b|\bCortana|\bGemini\b"
        + @"|language model trained|as an AI\b|\bfuck|\bsex\b|\bporn|\bnigg",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ForbiddenPattern();

    [GeneratedRegex(
        @"\d\s*[+*/=×÷^]\s*\d|\d\s+(?:plus|minus|times|divided by)\s+\d", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SumPattern();
}
