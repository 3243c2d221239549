using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

/// <summary>Reads the messages of a request. Calls and results often come without ids there: they belong together by their order.</summary>
sealed class OllamaMessages
{
    const int MaxMessages = 4096;
    const int MaxImages = 64;

    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    readonly List<(string Id, string Name)> _open = [];
    int _count;

    /// <exception cref="ApiException">They are no conversation; the message says where.</exception>
    public static Conversation Read(RequestFields root)
    {
        if (root.Find("messages") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() > MaxMessages)
        {
            throw ApiException.Invalid("messages", $"The field \"messages\" must be a list of at most {MaxMessages} messages.");
        }

        var messages = new OllamaMessages();
        return new Conversation(
            [.. list.EnumerateArray().Select((message, index) => messages.ReadMessage(RequestFields.From(message, $"messages[{index}]")))]);
    }

    /// <summary>The pictures of a message or a prompt.</summary>
    public static IReadOnlyList<Part> Images(RequestFields fields) =>
    [
        .. (fields.Texts("images", MaxImages) ?? []).Select((data, index) =>
            MediaReader.Image64(data, string.Create(CultureInfo.InvariantCulture, $"{fields.PathOf("images")}[{index}]"))),
    ];

    Message ReadMessage(RequestFields fields)
    {
        var role = fields.String("role")?.ToLowerInvariant();
        var text = fields.String("content") ?? "";
        var message = role switch
        {
            "system" => Message.System(text),
            "user" => new Message(Role.User, [.. ChatMessages.Join([new TextPart(text)]), .. Images(fields)]),
            "assistant" => Assistant(fields, text),
            "tool" => Result(fields, text),
            _ => throw fields.Bad("role", "system, user, assistant or tool"),
        };
        if (message.Parts.Count == 0 && role == "user")
        {
            message = Message.User("");
        }

        fields.RefuseUnknown();
        return message;
    }

    Message Assistant(RequestFields fields, string text)
    {
        var parts = new List<Part>();
        if (fields.String("thinking") is { Length: > 0 } thought)
        {
            parts.Add(new ThoughtPart(thought));
        }

        if (text.Length > 0)
        {
            parts.Add(new TextPart(text));
        }

        if (fields.Find("tool_calls") is { } list)
        {
            var path = fields.PathOf("tool_calls");
            if (list.ValueKind != JsonValueKind.Array)
            {
                throw ApiException.Invalid(path, $"{path} must be a list.");
            }

            parts.AddRange(list.EnumerateArray().Select((call, index) => Call(RequestFields.From(call, $"{path}[{index}]"))));
        }

        return new Message(Role.Assistant, parts);
    }

    ToolCallPart Call(RequestFields call)
    {
        var function = call.Object("function") ?? throw call.Bad("function", "an object with \"name\" and \"arguments\"");
        var name = function.String("name") is { Length: > 0 } named ? named : throw function.Bad("name", "text");
        var arguments = function.Find("arguments") switch
        {
            null => JsonElement.Parse("{}"),
            { ValueKind: JsonValueKind.Object } given => given.Clone(),
            _ => throw function.Bad("arguments", "an object"),
        };
        var id = call.String("id") is { Length: > 0 } own ? own : string.Create(CultureInfo.InvariantCulture, $"call_{++_count}");
        if (_open.Exists(open => open.Id == id))
        {
            throw CallIds.Repeated(id, call.PathOf("id"));
        }

        function.Accept("index", "description");
        function.RefuseUnknown();
        call.Accept("type");
        call.RefuseUnknown();
        _names[id] = name;
        _open.Add((id, name));
        return new ToolCallPart(name, arguments, id);
    }

    Message Result(RequestFields fields, string text)
    {
        var name = fields.String("tool_name") ?? fields.String("name");
        fields.Accept("name");
        if (fields.String("tool_call_id") is { Length: > 0 } id)
        {
            name = _names.GetValueOrDefault(id) ?? name ?? throw Unasked(fields);
        }
        else
        {
            var asked = _open.FindIndex(call => name is null or "" || call.Name == name);
            if (asked < 0)
            {
                throw Unasked(fields);
            }

            (id, name) = _open[asked];
        }

        _open.RemoveAll(call => call.Id == id);

        // Where the client has it from nobody here knows.
        return Message.Tool(new ToolResultPart(name, text, IsError: false, id) { Origin = Origin.Service });
    }

    static ApiException Unasked(RequestFields fields) => ApiException.Invalid(
        fields.PathOf("tool_name"), $"{fields.PathOf("tool_name")} answers no tool call of an earlier message.");
}
