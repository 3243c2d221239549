using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Server.Answers;
using Noos.Server.Files;
using Noos.Server.OpenAi;

namespace Noos.Server.Anthropic;

/// <summary>Reads the messages of a request, with the ids of the calls that results answer.</summary>
sealed class MessagesReader
{
    const int MaxMessages = 100_000;

    readonly CallIds _calls = new();
    readonly List<Message> _messages = [];

    /// <exception cref="ApiException">They are no conversation; the message says where.</exception>
    public static Conversation Read(RequestFields root)
    {
        var reader = new MessagesReader();
        if (root.Find("system") is { } system && TextOf(system, "system") is { Length: > 0 } text)
        {
            reader._messages.Add(Message.System(text));
        }

        if (root.Find("messages") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is 0 or > MaxMessages)
        {
            throw ApiException.Invalid("messages", $"The field \"messages\" must be a list of 1 to {MaxMessages} messages.");
        }

        var index = 0;
        foreach (var message in list.EnumerateArray())
        {
            reader.Add(RequestFields.From(message, $"messages[{index++}]"));
        }

        return new Conversation(reader._messages);
    }

    void Add(RequestFields fields)
    {
        var role = fields.String("role") switch
        {
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "system" => Role.System,
            _ => throw fields.Bad("role", "user, assistant or system"),
        };
        var path = fields.PathOf("content");
        var content = fields.Find("content") ?? throw ApiException.Invalid(path, $"{path} is missing.");
        fields.RefuseUnknown();
        List<Part> parts = content.ValueKind switch
        {
            JsonValueKind.String => [new TextPart(content.GetString()!)],
            JsonValueKind.Array =>
            [
                .. content.EnumerateArray().Select((block, index) => Block(RequestFields.From(block, $"{path}[{index}]"), role))
                    .OfType<Part>(),
            ],
            _ => throw ApiException.Invalid(path, $"{path} must be text or a list of blocks."),
        };

        // Results come in a message of the user, before what he says.
        if (parts.Exists(part => part is ToolResultPart))
        {
            _messages.Add(new Message(Role.Tool, [.. parts.OfType<ToolResultPart>()]));
            parts.RemoveAll(part => part is ToolResultPart);
            if (parts.Count == 0)
            {
                return;
            }
        }

        if (role == Role.User)
        {
            _calls.Close();
        }

        _messages.Add(new Message(role, ChatMessages.Join(parts)));
    }

    Part? Block(RequestFields block, Role role)
    {
        var type = block.String("type");
        block.Accept("cache_control", "citations", "caller");
        Part? part = (type, role) switch
        {
            ("text", _) => new TextPart(block.String("text") ?? throw block.Bad("text", "text")),
            ("image", Role.User) => Image(Source(block)),
            ("document", Role.User) => Document(block),
            ("search_result", Role.User) => SearchResult(block),
            ("tool_result", Role.User) => Result(block),
            ("tool_use", Role.Assistant) => Call(block),
            ("thinking", Role.Assistant) => Thought(block),

            // Of another model, which alone can read it.
            ("redacted_thinking", Role.Assistant) => Nothing(block),
            _ => throw ApiException.Invalid(
                block.PathOf("type"),
                $"{block.PathOf("type")} cannot be '{type}' in a message of this role here; use text, image, document, tool_use, "
                + "tool_result or thinking."),
        };
        block.RefuseUnknown();
        return part;
    }

    static Part? Nothing(RequestFields block)
    {
        _ = block.String("data");
        return null;
    }

    static ThoughtPart? Thought(RequestFields block)
    {
        block.Accept("signature");
        return block.String("thinking") is { Length: > 0 } text ? new ThoughtPart(text) : null;
    }

    ToolCallPart Call(RequestFields block)
    {
        var id = block.String("id") is { Length: > 0 } given ? given : throw block.Bad("id", "text");
        var name = block.String("name") is { Length: > 0 } called ? called : throw block.Bad("name", "text");
        var input = block.Find("input") is { ValueKind: JsonValueKind.Object } arguments
            ? arguments
            : throw block.Bad("input", "an object");
        _calls.Add(id, name, block.PathOf("id"));
        return new ToolCallPart(name, input.Clone(), id);
    }

    ToolResultPart Result(RequestFields block)
    {
        var id = block.String("tool_use_id") ?? throw block.Bad("tool_use_id", "text");
        var name = _calls.Answer(id) ?? throw ApiException.Invalid(
            block.PathOf("tool_use_id"), $"{block.PathOf("tool_use_id")} answers no tool call of an earlier message.");
        var text = block.Find("content") is { } content ? TextOf(content, block.PathOf("content")) : "";

        // Where the client has it from nobody here knows.
        return new ToolResultPart(name, text, block.Flag("is_error") ?? false, id) { Origin = Origin.Service };
    }

    static RequestFields Source(RequestFields block) =>
        block.Object("source") ?? throw block.Bad("source", "an object with a \"type\"");

    static ImagePart Image(RequestFields source)
    {
        var image = source.String("type") switch
        {
            "base64" => MediaReader.Image(
                source.String("media_type") ?? throw source.Bad("media_type", "such as image/png"),
                source.String("data") ?? throw source.Bad("data", "text"), source.PathOf("data")),
            "url" => MediaReader.Image(source.String("url") ?? throw source.Bad("url", "text"), source.PathOf("url")),
            "file" => new ImagePart(MessageFiles.IdScheme + (source.String("file_id") ?? throw source.Bad("file_id", "text"))),
            _ => throw source.Bad("type", "base64, url or file"),
        };
        source.RefuseUnknown();
        return image;
    }

    static Part Document(RequestFields block)
    {
        var source = Source(block);
        var title = block.String("title") is { Length: > 0 } given ? given : "document";
        var context = block.String("context");
        Part part = source.String("type") switch
        {
            "base64" => new FilePart(
                source.String("data") is { Length: > 0 } data ? data : throw source.Bad("data", "text"), title,
                source.String("media_type")),
            "text" => Text(title, context, source.String("data") ?? throw source.Bad("data", "text")),
            "content" => Text(
                title, context,
                TextOf(source.Find("content") ?? throw source.Bad("content", "text or blocks"), source.PathOf("content"))),
            "file" => new FilePart(MessageFiles.IdScheme + (source.String("file_id") ?? throw source.Bad("file_id", "text")), title),
            _ => throw source.Bad("type", "base64, text, content or file; documents of the web are not fetched"),
        };
        source.Accept("media_type");
        source.RefuseUnknown();
        return part;
    }

    static TextPart SearchResult(RequestFields block) => Text(
        block.String("title") ?? "result", block.String("source"),
        TextOf(block.Find("content") ?? throw block.Bad("content", "a list of blocks"), block.PathOf("content")));

    static TextPart Text(string title, string? context, string text) =>
        new FilePart("", title, Text: context is null ? text : $"{context}\n{text}").ToTextPart();

    /// <summary>A text, or the texts of blocks.</summary>
    static string TextOf(JsonElement content, string path)
    {
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray()
                .Select((block, index) => Read(RequestFields.From(block, $"{path}[{index}]")))),
            _ => throw ApiException.Invalid(path, $"{path} must be text or a list of text blocks."),
        };

        static string Read(RequestFields block)
        {
            if (block.String("type") != "text")
            {
                throw block.Bad("type", "text");
            }

            var text = block.String("text") ?? throw block.Bad("text", "text");
            block.Accept("cache_control", "citations");
            block.RefuseUnknown();
            return text;
        }
    }
}
