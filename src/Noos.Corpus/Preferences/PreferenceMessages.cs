using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Core.Conversations;

namespace Noos.Corpus.Preferences;

/// <summary>Messages as the usual sets of preferences write them: texts, lists, ShareGPT's and Anthropic's notations.</summary>
static partial class PreferenceMessages
{
    /// <param name="value">A text, a message, or a list of messages.</param>
    /// <param name="role">Who says a text.</param>
    /// <param name="origin">What a failure calls the line.</param>
    /// <exception cref="NoosException">It is nothing of these (<see cref="ErrorKind.Damaged"/>).</exception>
    public static IReadOnlyList<Message> Read(JsonElement value, Role role, string origin) => value.ValueKind switch
    {
        JsonValueKind.String => Turns(value.GetString()!, role),
        JsonValueKind.Object when value.TryGetProperty("value", out _) => [Shared(value, origin)],
        JsonValueKind.Object => Ours($"[{value.GetRawText()}]", origin),
        JsonValueKind.Array when value.GetArrayLength() > 0 && value[0].TryGetProperty("value", out _) =>
            [.. value.EnumerateArray().Select(item => Shared(item, origin))],
        JsonValueKind.Array => Ours(value.GetRawText(), origin),
        _ => throw new NoosException(
            ErrorKind.Damaged, $"{origin} is no preference: a prompt or an answer is neither a text nor a list of messages."),
    };

    static IReadOnlyList<Message> Ours(string list, string origin) =>
        ConversationJson.Read(Encoding.UTF8.GetBytes($"{{\"messages\":{list}}}"), origin).Messages;

    // One message, or a whole conversation as Anthropic's first sets have it: "\n\nHuman: ...\n\nAssistant: ...".
    static IReadOnlyList<Message> Turns(string text, Role role)
    {
        var turns = TurnPattern().Matches(text);
        return turns.Count == 0 || turns[0].Index > 0
            ? [new Message(role, [new TextPart(text)])]
            : [.. turns.Select((turn, index) => ToMessage(turn, index + 1 < turns.Count ? turns[index + 1].Index : text.Length))];

        Message ToMessage(Match turn, int end) => new(
            turn.Groups["who"].Value == "Human" ? Role.User : Role.Assistant, [new TextPart(text[(turn.Index + turn.Length)..end])]);
    }

    static Message Shared(JsonElement item, string origin)
    {
        var text = item.GetProperty("value").GetString() ?? "";
        return (item.TryGetProperty("from", out var from) ? from.GetString() : null) switch
        {
            "human" or "user" => Message.User(text),
            "gpt" or "assistant" => Message.Assistant(text),
            "system" => Message.System(text),
            var other => throw new NoosException(
                ErrorKind.Damaged, $"{origin} is no preference: a message comes from '{other}'; human, gpt and system are known."),
        };
    }

    [GeneratedRegex(@"\n\n(?<who>Human|Assistant): ?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TurnPattern();
}
