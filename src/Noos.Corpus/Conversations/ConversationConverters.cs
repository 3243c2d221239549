using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>The rows of public data sets as conversations; null for a row that a small model should not learn from.</summary>
public static partial class ConversationConverters
{
    const int MaxAnswerLength = 700;
    const int MinStoryLength = 200;
    // A small model keeps to a short story and loses itself in a long one.
    const int MaxStoryLength = 650;
    const int MaxPersonaTurns = 6;

    // Other categories claim another character, or answer nothing.
    static readonly HashSet<string> s_smalltalk =
        ["tech_support", "trivia", "literature", "science", "history", "money", "humor", "computers", "conversations", "greetings",
            "health"];

    static readonly HashSet<string> s_stories =
        ["child", "bedtime", "campfire", "food-stories", "slice-of-life", "stories", "eli5", "explanations", "jokes", "song-poems"];

    /// <summary><c>category</c> and <c>turns</c>.</summary>
    public static Conversation? Smalltalk(JsonRow row)
    {
        if (!s_smalltalk.Contains(row.Text("category")))
        {
            return null;
        }

        var turns = Strings(row, "turns");
        // Only these categories are dialogues; elsewhere further turns are other answers to the same question.
        var isDialogue = row.Text("category") is "conversations" or "health";
        return Alternate(isDialogue ? turns : [.. turns.Take(2)]);
    }

    /// <summary><c>instruction</c> and <c>output</c> with placeholders for name and author.</summary>
    public static Conversation? Identity(JsonRow row) => Pair(row.Text("instruction"), row.Text("output")
        .Replace("{{name}}", "Noos").Replace("{{author}}", "the Noos project").Replace("an AI assistant", "a small language model"));

    /// <summary><c>prompt</c> and <c>response</c>.</summary>
    public static Conversation? PromptAndResponse(JsonRow row) =>
        row.Text("response") is var response && response.Length <= MaxAnswerLength && IsProse(response)
            ? Pair(row.Text("prompt"), response)
            : null;

    /// <summary><c>question</c> and <c>answers</c>, of which the first three are told.</summary>
    public static Conversation? WebQuestion(JsonRow row)
    {
        var answers = Strings(row, "answers").Take(3).ToList();
        return answers.Count == 0 ? null : Pair(row.Text("question"), Sentence(string.Join(", ", answers)));
    }

    /// <summary><c>question</c> and <c>answer</c>; questions that point at their options are left out.</summary>
    public static Conversation? Trivia(JsonRow row) =>
        OptionsPattern().IsMatch(row.Text("question")) ? null : Pair(row.Text("question"), Sentence(row.Text("answer")));

    /// <summary><c>dialogue</c> of two people who say who speaks; only what a program can say too.</summary>
    public static Conversation? Persona(JsonRow row)
    {
        var turns = new List<string>();
        foreach (var line in Strings(row, "dialogue"))
        {
            if (!line.StartsWith(turns.Count % 2 == 0 ? "User 1: " : "User 2: ", StringComparison.Ordinal))
            {
                break;
            }

            if (turns.Count % 2 == 1 && PersonPattern().IsMatch(line[8..]))
            {
                break;
            }

            turns.Add(line[8..]);
        }

        return turns.Count < 2 || turns.Exists(turn => turn.Contains("User ")) ? null : Alternate([.. turns.Take(MaxPersonaTurns)]);
    }

    /// <summary><c>kind</c>, <c>prompt</c> and <c>response</c>; long responses are cut after a paragraph.</summary>
    public static Conversation? Story(JsonRow row)
    {
        if (!s_stories.Contains(row.Text("kind")) || row.Text("prompt").Length > 200)
        {
            return null;
        }

        var response = row.Text("response").Trim();
        if (!IsProse(response) || RefusalPattern().IsMatch(response))
        {
            return null;
        }

        if (response.Length > MaxStoryLength)
        {
            var cut = response.AsSpan(0, MaxStoryLength).LastIndexOf("\n\n");
            if (cut < MinStoryLength)
            {
                return null;
            }

            response = response[..cut].TrimEnd();
        }

        return response[^1] is '.' or '!' or '?' or '"' ? Pair(row.Text("prompt"), response) : null;
    }

    /// <summary><c>messages</c>: conversations of Noos, such as those that its users taught with.</summary>
    public static Conversation? Chat(JsonRow row) =>
        ConversationJson.Read(Encoding.UTF8.GetBytes(row.Value.GetRawText()), $"Line {row.Line} of '{row.Address}'");

    static Conversation? Pair(string question, string answer) => Alternate([question, answer]);

    static Conversation? Alternate(List<string> turns)
    {
        var count = turns.Count / 2 * 2;
        return count == 0 || turns.Take(count).Any(string.IsNullOrWhiteSpace)
            ? null
            : new Conversation(
                [.. turns.Take(count).Select((turn, index) => index % 2 == 0 ? Message.User(turn) : Message.Assistant(turn))]);
    }

    static List<string> Strings(JsonRow row, string field) =>
        row.Value.TryGetProperty(field, out var array) && array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    static string Sentence(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
        {
            return trimmed;
        }

        var sentence = char.ToUpperInvariant(trimmed[0]) + trimmed[1..];
        return sentence[^1] is '.' or '!' or '?' ? sentence : sentence + ".";
    }

    static bool IsProse(string text) => text.Length > 0 && !MarkupPattern().IsMatch(text);

    [GeneratedRegex(@"of (?:the following|these)|which one of|\bnot\b.*\?$|_{2,}", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionsPattern();

    [GeneratedRegex(
        @"\bI(?:'m| am) (?:a|an|\d+|from|\w+ed)\b"
        + @"|\b[Mm]y (?:name|wife|husband|kids|son|daughter|mom|dad|job|dog|cat|favorite)"
        + @"|\bI (?:have|live|work|grew|was|used|drive|own)\b|\bUser\b",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PersonPattern();

    [GeneratedRegex(@"\*\*|```|\||^\s*[*#-]\s|\[|<\w", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MarkupPattern();

    [GeneratedRegex(
        @"\bI (?:can't|cannot|can\u2019t|couldn't|could not|won't)\b.{0,40}\b(?:create|write|fulfill|help|provide|generate|complete)",
        RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RefusalPattern();
}
