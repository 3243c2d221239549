using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Core.Conversations;
using Noos.Server.Answers;
using Noos.Server.Files;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

/// <summary>Reads the "input" of a request: a text, or items as they come out of responses and more.</summary>
sealed class ResponseInput
{
    const int MaxItems = 4096;

    readonly CallIds _calls = new();
    readonly List<Message> _messages;

    ResponseInput(IReadOnlyList<Message> before)
    {
        _messages = [.. before];
        foreach (var message in before)
        {
            _calls.Note(message);
        }
    }

    /// <summary>The conversation that the input continues.</summary>
    /// <param name="root">The request.</param>
    /// <param name="before">What was said until then.</param>
    /// <exception cref="ApiException">It is no such thing; the message says where.</exception>
    public static List<Message> Read(RequestFields root, IReadOnlyList<Message> before)
    {
        var input = new ResponseInput(before);
        switch (root.Find("input"))
        {
            case { ValueKind: JsonValueKind.String } text:
                input._messages.Add(Message.User(text.GetString()!));
                break;
            case { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() is > 0 and <= MaxItems:
                var index = 0;
                foreach (var item in list.EnumerateArray())
                {
                    input.Add(RequestFields.From(item, string.Create(CultureInfo.InvariantCulture, $"input[{index++}]")));
                }

                break;
            case null when before.Count > 0:
                break;
            case null:
                throw ApiException.Invalid("input", "The field \"input\" is missing.");
            default:
                throw root.Bad("input", $"text or a list of 1 to {MaxItems} items");
        }

        return input._messages;
    }

    /// <summary>The items of the input as they are listed: whole, and each with an id.</summary>
    public static IReadOnlyList<JsonObject> List(JsonElement? input) => input switch
    {
        { ValueKind: JsonValueKind.String } text => [ToItem(new JsonObject { ["role"] = "user", ["content"] = text.GetString() })],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => ToItem(Copy(item)))],
        _ => [],
    };

    /// <summary>Of fields that come twice the last, as everywhere.</summary>
    static JsonObject Copy(JsonElement item)
    {
        var copy = new JsonObject();
        foreach (var field in item.EnumerateObject())
        {
            copy[field.Name] = field.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Object => JsonObject.Create(field.Value),
                JsonValueKind.Array => JsonArray.Create(field.Value),
                _ => JsonValue.Create(field.Value),
            };
        }

        return copy;
    }

    static JsonObject ToItem(JsonObject item)
    {
        item["type"] ??= "message";
        item["id"] ??= $"{(item["type"]!.ToString() == "message" ? "msg" : "item")}_{Guid.NewGuid():N}";
        item["status"] ??= "completed";
        if (item["content"] is JsonValue content && content.TryGetValue<string>(out var text))
        {
            var type = item["role"]?.ToString() == "assistant" ? "output_text" : "input_text";
            item["content"] = new JsonArray(new JsonObject { ["type"] = type, ["text"] = text });
        }

        return item;
    }

    void Add(RequestFields item)
    {
        // What responses say of their items, and their makers of them.
        item.Accept("id", "status", "phase");
        switch (item.String("type"))
        {
            case null or "message":
                AddMessage(item);
                break;
            case "function_call":
                AddCall(
                    item, item.String("call_id") is { Length: > 0 } id ? id : throw item.Bad("call_id", "text"), item.String("arguments"));
                item.Accept("namespace", "caller");
                break;
            case "function_call_output":
                AddResult(item, item.String("call_id") ?? throw item.Bad("call_id", "text"), item.Find("output"), isError: false);
                item.Accept("name", "caller");
                break;
            case "mcp_call":
                var own = item.String("id") is { Length: > 0 } given ? given : throw item.Bad("id", "text");
                AddCall(item, own, item.String("arguments"));
                var error = item.Find("error");
                AddResult(item, own, error ?? item.Find("output"), isError: error is not null);
                item.Accept("server_label", "approval_request_id", "output");
                break;
            case "reasoning":
                AddThought(item);
                break;
            case var type:
                throw ApiException.Invalid(
                    item.PathOf("type"),
                    $"{item.PathOf("type")} cannot be '{type}' here; use message, function_call, function_call_output, mcp_call or "
                    + "reasoning.");
        }

        item.RefuseUnknown();
    }

    void AddMessage(RequestFields item)
    {
        var role = item.String("role") switch
        {
            "system" or "developer" => Role.System,
            "user" => Role.User,
            "assistant" => Role.Assistant,
            _ => throw item.Bad("role", "system, developer, user or assistant"),
        };
        var path = item.PathOf("content");
        IEnumerable<Part> parts = item.Find("content") switch
        {
            { ValueKind: JsonValueKind.String } text => [new TextPart(text.GetString()!)],
            { ValueKind: JsonValueKind.Array } list =>
            [
                .. list.EnumerateArray().Select((part, index) => ReadPart(
                    RequestFields.From(part, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")), role)),
            ],
            _ => throw item.Bad("content", "text or a list of parts"),
        };
        if (role == Role.User)
        {
            _calls.Close();
        }

        Append(role, [.. ChatMessages.Join(parts)]);
    }

    static Part ReadPart(RequestFields part, Role role)
    {
        var type = part.String("type");
        Part read = (type, role) switch
        {
            ("input_text" or "output_text" or "text", _) => new TextPart(part.String("text") ?? throw part.Bad("text", "text")),
            ("refusal", _) => new TextPart(part.String("refusal") ?? throw part.Bad("refusal", "text")),
            ("input_image", Role.User) => Image(part),
            ("input_file", Role.User) => File(part),
            ("input_audio", Role.User) => Audio(part),
            _ => throw ApiException.Invalid(
                part.PathOf("type"),
                $"{part.PathOf("type")} cannot be '{type}' in a message of this role; use input_text, output_text, input_image, input_file "
                + "or input_audio."),
        };
        part.Accept("annotations", "logprobs", "prompt_cache_breakpoint");
        part.RefuseUnknown();
        return read;
    }

    static ImagePart Image(RequestFields part)
    {
        // How closely to look is the model's choice.
        _ = part.Word("detail", "auto", "low", "high", "original");
        return (part.String("image_url"), part.String("file_id")) switch
        {
            ({ Length: > 0 } address, null) => MediaReader.Image(address, part.PathOf("image_url")),
            (null, { Length: > 0 } id) => new ImagePart(MessageFiles.IdScheme + id),
            _ => throw part.Bad("image_url", "text, or \"file_id\""),
        };
    }

    static FilePart File(RequestFields part)
    {
        part.AcceptOnly("file_url", _ => false);
        part.Accept("detail");
        var name = part.String("filename") is { Length: > 0 } given ? given : "file";
        return (part.String("file_data"), part.String("file_id")) switch
        {
            ({ Length: > 0 } data, null) => new FilePart(data, name),
            (null, { Length: > 0 } id) => new FilePart(MessageFiles.IdScheme + id, name),
            _ => throw part.Bad("file_data", "text, or \"file_id\""),
        };
    }

    static AudioPart Audio(RequestFields part)
    {
        var audio = part.Object("input_audio") ?? throw part.Bad("input_audio", "an object with \"data\" and \"format\"");
        var read = MediaReader.Audio(
            audio.String("data") ?? throw audio.Bad("data", "text"), audio.String("format") ?? throw audio.Bad("format", "wav or mp3"),
            part.PathOf("input_audio"));
        audio.RefuseUnknown();
        return read;
    }

    void AddCall(RequestFields item, string id, string? arguments)
    {
        var name = item.String("name") is { Length: > 0 } named ? named : throw item.Bad("name", "text");
        JsonElement value;
        try
        {
            value = JsonElement.Parse(arguments is { Length: > 0 } ? arguments : "{}");
        }
        catch (JsonException)
        {
            throw item.Bad("arguments", "text that holds a JSON object");
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw item.Bad("arguments", "text that holds a JSON object");
        }

        _calls.Add(id, name, item.PathOf("call_id"));
        Append(Role.Assistant, [new ToolCallPart(name, value, id)]);
    }

    void AddResult(RequestFields item, string id, JsonElement? output, bool isError)
    {
        var name = _calls.Answer(id) ?? throw ApiException.Invalid(
            item.PathOf("call_id"), $"{item.PathOf("call_id")} answers no call of an earlier item.");
        var text = output switch
        {
            null => "",
            { ValueKind: JsonValueKind.String } plain => plain.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray()
                .Select((part, index) => TextOf(RequestFields.From(
                    part, string.Create(CultureInfo.InvariantCulture, $"{item.PathOf("output")}[{index}]"))))),
            _ => throw item.Bad("output", "text or a list of texts"),
        };

        // Where the client has it from nobody here knows.
        Append(Role.Tool, [new ToolResultPart(name, text, isError, id) { Origin = Origin.Service }]);
    }

    static string TextOf(RequestFields part)
    {
        if (part.String("type") is not ("input_text" or "output_text"))
        {
            throw part.Bad("type", "input_text");
        }

        var text = part.String("text") ?? throw part.Bad("text", "text");
        part.RefuseUnknown();
        return text;
    }

    void AddThought(RequestFields item)
    {
        item.Accept("encrypted_content", "summary");
        if (item.Find("content") is not { } content)
        {
            return;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw item.Bad("content", "a list of texts");
        }

        var text = string.Concat(content.EnumerateArray().Select((part, index) =>
        {
            var fields = RequestFields.From(part, string.Create(CultureInfo.InvariantCulture, $"{item.PathOf("content")}[{index}]"));
            fields.Accept("type");
            return fields.String("text") ?? throw fields.Bad("text", "text");
        }));
        if (text.Length > 0)
        {
            Append(Role.Assistant, [new ThoughtPart(text)]);
        }
    }

    /// <summary>What a model said, thought and called in one run is one message, and so are the results of its calls.</summary>
    void Append(Role role, IReadOnlyList<Part> parts)
    {
        if (role is Role.Assistant or Role.Tool && _messages is [.., { } last] && last.Role == role)
        {
            _messages[^1] = last with { Parts = [.. last.Parts, .. parts] };
        }
        else
        {
            _messages.Add(new Message(role, parts));
        }
    }
}
