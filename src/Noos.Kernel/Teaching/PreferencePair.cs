using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Kernel.Teaching;

/// <summary>Two answers to one question, of which a person prefers one.</summary>
/// <param name="Prompt">All that was said up to the question, this included.</param>
/// <param name="Chosen">The better answer.</param>
/// <param name="Rejected">The other.</param>
public sealed record PreferencePair(IReadOnlyList<Message> Prompt, IReadOnlyList<Message> Chosen, IReadOnlyList<Message> Rejected)
{
    /// <summary>When a person said so last.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>No model learns it: it has, or repeats, what others wrote.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>
    /// One line of JSON, without a line end: <c>{"prompt": [...], "chosen": [...], "rejected": [...]}</c>, the messages as everywhere in
    /// Noos. The conversational preference format of TRL (https://huggingface.co/docs/trl/dataset_formats).
    /// </summary>
    public byte[] WriteUtf8()
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            Write(json, "prompt", Prompt);
            Write(json, "chosen", Chosen);
            Write(json, "rejected", Rejected);
            json.WriteEndObject();
        }

        return content.ToArray();
    }

    static void Write(Utf8JsonWriter json, string name, IReadOnlyList<Message> messages)
    {
        using var conversation = JsonDocument.Parse(ConversationJson.WriteUtf8(new Conversation(messages)));
        json.WritePropertyName(name);
        json.WriteRawValue(conversation.RootElement.GetProperty("messages").GetRawText(), skipInputValidation: true);
    }
}
