using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Kernel.Journaling;

namespace Noos.Pages.Transfer;

/// <summary>
/// Reads conversations from files of other programs: those that the page exports, ChatGPT's <c>conversations.json</c> and Open WebUI's
/// export. Of branches the one that was read last is taken.
/// </summary>
static class ConversationImport
{
    // As long as the API lets a title be.
    const int MaxTitle = 1000;

    /// <exception cref="NoosException">It is no JSON (Invalid).</exception>
    public static async Task<IReadOnlyList<ImportedConversation>> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(JsonText.Mend(bytes.GetBuffer().AsMemory(0, (int)bytes.Length)));
            var root = document.RootElement;
            return
            [
                .. (root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : Enumerable.Repeat(root, 1))
                    .Select(Read).OfType<ImportedConversation>(),
            ];
        }
        catch (JsonException e)
        {
            throw new NoosException(ErrorKind.Invalid, $"The file is no JSON with conversations: {JsonFault.Describe(e)}.", e);
        }
    }

    static ImportedConversation? Read(JsonElement one)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var title = Text(one, "title");
        var messages = one.TryGetProperty("mapping", out var mapping) ? ReadChatGpt(one, mapping)
            : one.TryGetProperty("chat", out var chat) ? ReadOpenWebUi(chat)
            : one.TryGetProperty("messages", out var plain) ? ReadPlain(plain)
            : [];
        if (messages.Count == 0)
        {
            return null;
        }

        var (runs, pictures) = one.TryGetProperty("tries", out var tries) ? CodeRunFile.Read(tries, messages.Count) : ([], []);
        return new ImportedConversation(Shorten(title), messages) { CodeRuns = runs, Pictures = pictures };
    }

    /// <summary>Ours, or OpenAI's messages.</summary>
    static List<Message> ReadPlain(JsonElement messages)
    {
        try
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["messages"] = messages },
                ImportJson.Default.DictionaryStringJsonElement);
            return [.. ConversationJson.Read(line, "The file").Messages];
        }
        catch (NoosException)
        {
            return messages.ValueKind != JsonValueKind.Array ? [] : [.. messages.EnumerateArray().Select(ReadMessage).OfType<Message>()];
        }
    }

    /// <summary>A tree of nodes by id, each with its parent; the current node is the end of the branch.</summary>
    static List<Message> ReadChatGpt(JsonElement one, JsonElement mapping)
    {
        var messages = new List<Message>();
        var id = Text(one, "current_node");
        // A node that is its own ancestor would never end.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (id is not null && seen.Add(id) && mapping.ValueKind == JsonValueKind.Object && mapping.TryGetProperty(id, out var node))
        {
            if (node.ValueKind == JsonValueKind.Object && node.TryGetProperty("message", out var message)
                && message.ValueKind == JsonValueKind.Object && message.TryGetProperty("author", out var author)
                && message.TryGetProperty("content", out var content)
                && content.ValueKind == JsonValueKind.Object && content.TryGetProperty("parts", out var parts)
                && parts.ValueKind == JsonValueKind.Array)
            {
                var text = string.Join('\n', parts.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.String)
                    .Select(part => part.GetString()));
                Add(messages, Text(author, "role"), text);
            }

            id = Text(node, "parent");
        }

        messages.Reverse();
        return messages;
    }

    static List<Message> ReadOpenWebUi(JsonElement chat)
    {
        if (chat.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        if (chat.TryGetProperty("history", out var history) && history.ValueKind == JsonValueKind.Object
            && history.TryGetProperty("messages", out var all) && all.ValueKind == JsonValueKind.Object)
        {
            var messages = new List<Message>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var id = Text(history, "currentId"); id is not null && seen.Add(id) && all.TryGetProperty(id, out var node);
                id = Text(node, "parentId"))
            {
                Add(messages, Text(node, "role"), Text(node, "content") ?? "");
            }

            messages.Reverse();
            if (messages.Count > 0)
            {
                return messages;
            }
        }

        return chat.TryGetProperty("messages", out var plain) && plain.ValueKind == JsonValueKind.Array
            ? [.. plain.EnumerateArray().Select(ReadMessage).OfType<Message>()]
            : [];
    }

    static Message? ReadMessage(JsonElement message)
    {
        var read = new List<Message>();
        Add(read, Text(message, "role"), Text(message, "content") ?? "");
        return read.Count == 0 ? null : read[0];
    }

    static void Add(List<Message> messages, string? role, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        // What a service somewhere answered is no word of a person, and what tools said there means nothing to the tools here.
        if (role == "user")
        {
            messages.Add(Message.User(text));
        }
        else if (role == "assistant")
        {
            messages.Add(Message.Assistant(text));
        }
    }

    static string? Shorten(string? title)
    {
        if (title is null or { Length: 0 } or { Length: <= MaxTitle })
        {
            return title is { Length: > 0 } ? title : null;
        }

        // Half of a pair is no character.
        return title[..(char.IsHighSurrogate(title[MaxTitle - 2]) ? MaxTitle - 2 : MaxTitle - 1)] + "…";
    }

    static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Title">Null for none.</param>
/// <param name="Messages">What was said.</param>
sealed record ImportedConversation(string? Title, IReadOnlyList<Message> Messages)
{
    /// <summary>What persons ran of its code.</summary>
    public IReadOnlyList<PersonCalled> CodeRuns { get; init; } = [];

    /// <summary>What that made.</summary>
    public IReadOnlyList<ImportedPicture> Pictures { get; init; } = [];
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, JsonElement>))]
sealed partial class ImportJson : System.Text.Json.Serialization.JsonSerializerContext;
