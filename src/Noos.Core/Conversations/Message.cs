using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>One turn: who speaks, and the parts said in order.</summary>
[JsonConverter(typeof(MessageConverter))]
public sealed record Message(Role Role, IReadOnlyList<Part> Parts)
{
    /// <summary>Which of several speakers of the role; null for the only one. Shown where the chat template reads names.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// In training data: 0 where what the assistant says here is read and not learned, as in OpenAI's format for fine-tuning; null for 1.
    /// </summary>
    public int? Weight { get; init; }

    public static Message System(string text) => new(Role.System, [new TextPart(text)]);

    public static Message User(string text) => new(Role.User, [new TextPart(text)]);

    public static Message Assistant(params IReadOnlyList<Part> parts) => new(Role.Assistant, parts);

    public static Message Assistant(string text) => new(Role.Assistant, [new TextPart(text)]);

    public static Message Tool(ToolResultPart result) => new(Role.Tool, [result]);

    /// <summary>This message with what its speaker said on: a text goes on in the same text.</summary>
    public Message Join(IReadOnlyList<Part> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        return this with
        {
            Parts = Parts is [.., TextPart text] && more is [TextPart next, ..]
                ? [.. Parts.SkipLast(1), text with { Text = text.Text + next.Text }, .. more.Skip(1)]
                : [.. Parts, .. more],
        };
    }

    /// <summary>The text parts, joined.</summary>
    public string Text() => string.Concat(Parts.OfType<TextPart>().Select(part => part.Text));

    public bool Equals(Message? other) => other is not null && Role == other.Role && Name == other.Name
        && Weight == other.Weight && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => HashCode.Combine(Role, Parts.Count);
}
