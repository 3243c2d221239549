using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;

namespace Noos.Factory.Collection;

/// <summary>One thing that somebody taught: an answer to learn, or a judgement about several.</summary>
/// <param name="Source">Where it was taught: "page", or the name of a file.</param>
/// <param name="Rater">Who.</param>
/// <param name="Time">When.</param>
public sealed record TaughtItem(string Source, string Rater, DateTimeOffset Time)
{
    /// <summary>A conversation that ends with the answer to learn; null for a judgement.</summary>
    public Conversation? Demonstration { get; init; }

    /// <summary>Answers and what was said of pairs of them; null for a demonstration.</summary>
    public PreferenceGroup? Group { get; init; }

    /// <summary>It is known beforehand that it is not to be learned.</summary>
    public DropReason? Reason { get; init; }

    /// <summary>From a file whose rows are as old as anybody likes, and which somebody chose: no limits for raters.</summary>
    public bool IsImported { get; init; }

    /// <summary>Everything that is said in it, prompt and answers.</summary>
    public IEnumerable<Message> Messages => Demonstration?.Messages
        ?? [.. Group!.Prompt.Messages, .. Group.Answers.SelectMany(answer => answer.Messages)];

    /// <summary>The conversations that a model would read of it.</summary>
    public IEnumerable<Conversation> Conversations => Demonstration is { } conversation
        ? [conversation]
        : Group!.Answers.Select(answer => new Conversation([.. Group.Prompt.Messages, .. answer.Messages]));

    /// <summary>Equal for equal content; orders items in a way that nobody chooses.</summary>
    internal string Key
    {
        get
        {
            var text = new StringBuilder();
            foreach (var message in Messages)
            {
                text.Append(ConversationJson.Write(new Conversation([message]))).Append('\n');
            }

            foreach (var pair in Group?.Pairs ?? [])
            {
                text.Append(CultureInfo.InvariantCulture, $"{pair.Better}>{pair.Worse} ");
            }

            return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>The same with another text of each part.</summary>
    internal TaughtItem Rewrite(Func<string, string> rewrite)
    {
        return this with
        {
            Demonstration = Demonstration is { } said ? new Conversation(All(said.Messages)) : null,
            Group = Group is null ? null : Group with
            {
                Prompt = new Conversation(All(Group.Prompt.Messages)),
                Answers = [.. Group.Answers.Select(answer => answer with { Messages = All(answer.Messages) })],
            },
        };

        IReadOnlyList<Message> All(IReadOnlyList<Message> messages) =>
            [.. messages.Select(message => message with { Parts = [.. message.Parts.Select(One)] })];

        Part One(Part part) => part switch
        {
            TextPart text => text with { Text = rewrite(text.Text) },
            ThoughtPart thought => thought with { Text = rewrite(thought.Text) },
            ToolCallPart call => call with { Arguments = Arguments(call.Arguments) },
            ToolResultPart result => result with { Parts = [.. result.Parts.Select(One)] },
            _ => part,
        };

        JsonElement Arguments(JsonElement value)
        {
            var text = value.GetRawText();
            var node = JsonNode.Parse(text);
            return Strings(node) is { } other && other.ToJsonString() is var changed && changed != node!.ToJsonString()
                ? JsonElement.Parse(changed)
                : value;
        }

        JsonNode? Strings(JsonNode? node) => node switch
        {
            JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Strings(pair.Value)))),
            JsonArray list => new JsonArray([.. list.Select(Strings)]),
            JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(rewrite(text)),
            _ => node?.DeepClone(),
        };
    }
}
