using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>Messages in order: the unit of training data, of the chat, and of the API.</summary>
[JsonConverter(typeof(ConversationConverter))]
public sealed record Conversation(IReadOnlyList<Message> Messages)
{
    public static Conversation From(params IReadOnlyList<Message> messages) => new(messages);

    public bool Equals(Conversation? other) => other is not null && Messages.SequenceEqual(other.Messages);

    public override int GetHashCode() => Messages.Count;
}
