using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Server.Answers;

namespace Noos.Server.OpenAi;

/// <summary>Reads the messages of a request, with the ids of the calls that results answer.</summary>
sealed class ChatMessages
{
    const int MaxMessages = 4096;

    readonly CallIds _calls = new();

    /// <exception cref="ApiException">They are no conversation; the message says where.</exception>
    public static Conversation Read(RequestFields root)
    {
        var list = root.Find("messages") ?? throw ApiException.Invalid("messages", "The field \"messages\" is missing.");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxMessages)
        {
            throw ApiException.Invalid("messages", $"The field \"messages\" must be a list of 1 to {MaxMessages} messages.");
        }

        var messages = new ChatMessages();
        return new Conversation(
            [.. list.EnumerateArray().Select((message, index) => messages.ReadMessage(RequestFields.From(message, $"messages[{index}]")))]);
    }

    Message ReadMessage(RequestFields fields)
    {
        var role = fields.String("role") switch
        {
            "system" or "developer" => Role.System,
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "tool" => Role.Tool,
            _ => throw fields.Bad("role", "system, developer, user, assistant or tool"),
        };
        var name = fields.String("name");
        if (role == Role.User)
        {
            _calls.Close();
        }

        var parts = Content(fields, hasFiles: role == Role.User, hasMedia: role == Role.User);
        var text = parts is null ? null : string.Concat(parts.OfType<TextPart>().Select(part => part.Text));
        var message = role switch
        {
            Role.Tool => Result(fields, text, name),
            Role.Assistant => Assistant(fields, text) with { Name = name },
            _ when parts is null =>
                throw ApiException.Invalid(fields.PathOf("content"), $"{fields.PathOf("content")} is missing."),
            _ => new Message(role, parts) { Name = name },
        };
        fields.RefuseUnknown();
        return message;
    }

    /// <summary>An assistant that said nothing (it was cut off, or only thought) is a message without parts.</summary>
    Message Assistant(RequestFields fields, string? text)
    {
        // What answers carry and requests need not: clients send whole messages back.
        fields.Accept("annotations");
        fields.AcceptOnly("audio", _ => false);
        fields.AcceptOnly("function_call", _ => false);
        text ??= fields.String("refusal");
        fields.Accept("refusal");
        var parts = new List<Part>();
        if ((fields.String("reasoning_content") ?? fields.String("reasoning") ?? fields.String("thinking")) is { Length: > 0 } thought)
        {
            parts.Add(new ThoughtPart(thought));
        }

        fields.Accept("reasoning", "thinking");
        if (!string.IsNullOrEmpty(text))
        {
            parts.Add(new TextPart(text));
        }

        return new Message(Role.Assistant, [.. parts, .. Calls(fields)]);
    }

    Message Result(RequestFields fields, string? text, string? name)
    {
        var id = fields.String("tool_call_id")
            ?? throw ApiException.Invalid(fields.PathOf("tool_call_id"), $"{fields.PathOf("tool_call_id")} is missing.");
        name = _calls.Answer(id) ?? name ?? throw ApiException.Invalid(
            fields.PathOf("tool_call_id"), $"{fields.PathOf("tool_call_id")} answers no tool call of an earlier message.");

        // Our own field: OpenAI's API cannot say that a call failed, and how a text begins says nothing.
        // Where the client has it from nobody here knows.
        return Message.Tool(new ToolResultPart(name, text ?? "", fields.Flag("is_error") ?? false, id) { Origin = Origin.Service });
    }

    /// <summary>
    /// The content of a message: text, and files that are still to be stored and read (<see cref="Files.MessageFiles"/>).
    /// </summary>
    /// <param name="fields">Of the message.</param>
    /// <param name="hasFiles">It may have files.</param>
    /// <param name="hasMedia">It may have pictures and sound.</param>
    /// <returns>Texts in a row are one; no part where it is empty. Null where it is missing.</returns>
    public static List<Part>? Content(RequestFields fields, bool hasFiles, bool hasMedia = false)
    {
        if (fields.Find("content") is not { } content)
        {
            return null;
        }

        var path = fields.PathOf("content");
        List<Part> all = content.ValueKind switch
        {
            JsonValueKind.String => [new TextPart(content.GetString()!)],
            JsonValueKind.Array =>
                [.. content.EnumerateArray().Select((part, index) => ReadPart(part, path, $"{path}[{index}]", hasFiles, hasMedia))],
            _ => throw ApiException.Invalid(path, $"{path} must be text or a list of text parts."),
        };
        return Join(all);
    }

    /// <summary>Texts in a row are one, and empty ones none.</summary>
    public static List<Part> Join(IEnumerable<Part> all)
    {
        var parts = new List<Part>();
        foreach (var part in all)
        {
            if (part is TextPart text && parts is [.., TextPart before])
            {
                parts[^1] = new TextPart(before.Text + text.Text);
            }
            else if (part is not TextPart { Text.Length: 0 })
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    static Part ReadPart(JsonElement part, string content, string path, bool hasFiles, bool hasMedia)
    {
        var fields = RequestFields.From(part, path);
        Part read = fields.String("type") switch
        {
            "text" => new TextPart(fields.String("text") ?? throw fields.Bad("text", "text")),
            "refusal" => new TextPart(fields.String("refusal") ?? throw fields.Bad("refusal", "text")),
            "file" when hasFiles => ReadFile(fields),
            "image_url" when hasMedia => ReadImage(fields),
            "input_audio" when hasMedia => ReadAudio(fields),
            _ => throw ApiException.Invalid(
                content, $"This message is text only: every content part must be of type \"text\"{(hasFiles ? " or \"file\"" : "")}"
                + $"{(hasMedia ? ", or \"image_url\" or \"input_audio\" for models that see or hear" : "")}."),
        };

        // How others are to keep it for later; here all is kept.
        fields.Accept("cache_control", "annotations");
        fields.RefuseUnknown();
        return read;
    }

    static ImagePart ReadImage(RequestFields part)
    {
        var image = part.Object("image_url") ?? throw part.Bad("image_url", "an object with a \"url\"");
        var read = MediaReader.Image(image.String("url") ?? throw image.Bad("url", "text"), image.PathOf("url"));

        // How closely to look is the model's choice.
        _ = image.Word("detail", "auto", "low", "high", "original");
        image.RefuseUnknown();
        return read;
    }

    static AudioPart ReadAudio(RequestFields part)
    {
        var audio = part.Object("input_audio") ?? throw part.Bad("input_audio", "an object with \"data\" and \"format\"");
        var read = MediaReader.Audio(
            audio.String("data") ?? throw audio.Bad("data", "text"), audio.String("format") ?? throw audio.Bad("format", "wav or mp3"),
            part.PathOf("input_audio"));
        audio.RefuseUnknown();
        return read;
    }

    /// <summary>A file in the request, or one that was uploaded before.</summary>
    static FilePart ReadFile(RequestFields part)
    {
        var file = part.Object("file") ?? throw part.Bad("file", "an object with \"filename\" and \"file_data\", or \"file_id\"");
        var (name, data, id) = (file.String("filename"), file.String("file_data"), file.String("file_id"));
        file.RefuseUnknown();
        return (data, id) switch
        {
            ({ Length: > 0 }, null) => new FilePart(data, name is { Length: > 0 } ? name : "file"),
            (null, { Length: > 0 }) => new FilePart(Files.MessageFiles.IdScheme + id, id),
            _ => throw part.Bad("file", "an object with \"filename\" and \"file_data\", or \"file_id\""),
        };
    }

    List<Part> Calls(RequestFields message)
    {
        var calls = new List<Part>();
        if (message.Find("tool_calls") is not { } list)
        {
            return calls;
        }

        var place = message.PathOf("tool_calls");
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.Invalid(place, $"{place} must be a list.");
        }

        foreach (var call in list.EnumerateArray())
        {
            var fields = call.ValueKind == JsonValueKind.Object ? new RequestFields(call, place) : throw Incomplete();
            var function = fields.Find("function") is { ValueKind: JsonValueKind.Object } named
                ? new RequestFields(named, place)
                : throw Incomplete();
            var id = fields.Find("id") is { ValueKind: JsonValueKind.String } given && given.GetString() is { Length: > 0 } text
                ? text
                : throw Incomplete();
            var name = function.Find("name") is { ValueKind: JsonValueKind.String } known && known.GetString() is { Length: > 0 } called
                ? called
                : throw Incomplete();
            _calls.Add(id, name, place);
            calls.Add(new ToolCallPart(name, Arguments(function.Find("arguments") ?? throw Incomplete(), place), id));

            // Of a stream, whose calls clients send back as they came.
            fields.Accept("index", "type");
            fields.RefuseUnknown();
            function.RefuseUnknown();
        }

        return calls;

        ApiException Incomplete() =>
            ApiException.Invalid(place, $"Every call in {place} needs an id and a function with name and arguments.");
    }

    /// <summary>Text that holds JSON, as OpenAI has it, or the JSON itself.</summary>
    static JsonElement Arguments(JsonElement arguments, string place)
    {
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            return arguments.Clone();
        }

        try
        {
            var text = arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : "";
            var value = JsonElement.Parse(text.Length == 0 && arguments.ValueKind == JsonValueKind.String ? "{}" : text);
            if (value.ValueKind == JsonValueKind.Object)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Told below, as any value that is no object.
        }

        throw ApiException.Invalid(place, $"The arguments of a call in {place} must be an object, or text that holds one in JSON.");
    }
}
