using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates;

/// <summary>
/// Conversations and tools as the values that templates read: the messages of OpenAI's and Hugging Face's chat formats. Roles and kinds are
/// ours, everything else counts as data.
/// </summary>
sealed class TemplateMessages(MessageShape shape)
{
    readonly Queue<string> _unanswered = new();
    readonly Dictionary<string, string> _shortIds = new(StringComparer.Ordinal);
    int _calls;

    public static List<object?> Write(Conversation conversation, MessageShape shape)
    {
        var writer = new TemplateMessages(shape);
        var messages = conversation.Messages;
        messages = shape.HasFiles ? messages : [.. messages.Select(WriteFiles)];
        messages = shape.HasOneSystem ? JoinSystem(messages) : messages;
        messages = shape.MergesSystem ? MergeSystem(messages) : messages;
        messages = shape.HasThoughtOrContent ? [.. messages.Select(HideContent)] : messages;
        messages = shape.Alternates ? JoinNeighbours(messages) : messages;
        return [.. messages.SelectMany(writer.Write)];
    }

    public static List<object?> Write(IReadOnlyList<ToolDeclaration> tools) => [.. tools.Select(tool => Dictionary(
        ("type", Ours("function")),
        ("function", Dictionary(
            ("name", TrackedText.Data(tool.Name)),
            ("description", TrackedText.Data(tool.Description)),
            ("parameters", tool.Parameters.ValueKind == JsonValueKind.Object
                ? JsonText.Read(tool.Parameters)
                : new TemplateDictionary())))))];

    static Message WriteFiles(Message message) => message.Parts.Any(part => part is FilePart)
        ? message with { Parts = [.. message.Parts.Select(part => part is FilePart file ? file.ToTextPart() : part)] }
        : message;

    static IReadOnlyList<Message> JoinSystem(IReadOnlyList<Message> messages)
    {
        var texts = messages.Where(message => message.Role == Role.System).Select(message => message.Text()).ToArray();
        return texts.Length == 0
            ? messages
            : [Message.System(string.Join("\n\n", texts)), .. messages.Where(message => message.Role != Role.System)];
    }

    static List<Message> JoinNeighbours(IReadOnlyList<Message> messages)
    {
        var joined = new List<Message>();
        foreach (var message in messages)
        {
            if (joined.Count > 0 && joined[^1].Role == message.Role && message.Role is Role.User or Role.Assistant
                && joined[^1].Parts.All(part => part is not ToolCallPart))
            {
                joined[^1] = joined[^1] with
                {
                    Parts = joined[^1].Parts.Count == 0 ? message.Parts : [.. joined[^1].Parts, new TextPart("\n\n"), .. message.Parts],
                };
            }
            else
            {
                joined.Add(message);
            }
        }

        return joined;
    }

    static Message HideContent(Message message) =>
        message.Role == Role.Assistant && message.Parts.Any(part => part is ThoughtPart) && message.Parts.Any(part => part is ToolCallPart)
            ? message with { Parts = [.. message.Parts.Select(part => part is TextPart text ? new ThoughtPart("\n\n" + text.Text) : part)] }
            : message;

    static List<Message> MergeSystem(IReadOnlyList<Message> messages)
    {
        var merged = new List<Message>();
        var pending = "";
        foreach (var message in messages)
        {
            switch (message.Role)
            {
                case Role.System:
                    pending += message.Text() + "\n\n";
                    break;
                case Role.User when pending.Length > 0:
                    merged.Add(message with { Parts = [new TextPart(pending), .. message.Parts] });
                    pending = "";
                    break;
                default:
                    merged.Add(message);
                    break;
            }
        }

        if (pending.Length > 0)
        {
            merged.Add(Message.User(pending.TrimEnd('\n')));
        }

        return merged;
    }

    IEnumerable<object?> Write(Message message)
    {
        if (message.Role == Role.Tool && message.Parts.Any(part => part is ToolResultPart))
        {
            return message.Parts.OfType<ToolResultPart>().Select(WriteResult);
        }

        var values = Dictionary(("role", Ours(NameOf(message.Role))), ("content", Content(message)));
        if (message.Name is { } name)
        {
            values.Set(Ours("name"), TrackedText.Data(name));
        }

        var thoughts = string.Concat(message.Parts.OfType<ThoughtPart>().Select(part => part.Text));
        if (thoughts.Length > 0)
        {
            // Which turns still show their thoughts is the template's affair.
            values.Set(Ours(shape.ThoughtField), TrackedText.Data(thoughts));
        }

        var calls = message.Parts.OfType<ToolCallPart>().Select(object? (call) => WriteCall(call)).ToList();
        if (calls.Count > 0)
        {
            values.Set(Ours("tool_calls"), calls);
        }

        return [values];
    }

    object? WriteResult(ToolResultPart result)
    {
        var content = TrackedText.Data(ToolResultText.Render(result));
        var id = result.CallId is { } given ? ShortId(given) : _unanswered.TryDequeue(out var made) ? made : ShortId("call_0");
        return Dictionary(
            ("role", Ours("tool")),
            ("name", TrackedText.Data(result.Name)),
            ("tool_call_id", TrackedText.Data(id)),
            ("content", shape.HasTypedContent ? new List<object?> { TextContent(content) } : content));
    }

    TemplateDictionary WriteCall(ToolCallPart call)
    {
        _calls++;
        var id = call.CallId is { } given ? ShortId(given) : ShortId(string.Create(CultureInfo.InvariantCulture, $"call_{_calls}"));
        if (call.CallId is null)
        {
            _unanswered.Enqueue(id);
        }

        var arguments = call.Arguments.ValueKind == JsonValueKind.Undefined ? new TemplateDictionary() : JsonText.Read(call.Arguments);
        return Dictionary(
            ("type", Ours("function")),
            ("id", TrackedText.Data(id)),
            ("function", Dictionary(
                ("name", TrackedText.Data(call.Name)),
                ("arguments", shape.HasTextArguments
                    ? TrackedText.Data(call.Arguments.ValueKind == JsonValueKind.Undefined ? "{}" : call.Arguments.GetRawText())
                    : arguments))));
    }

    object? Content(Message message)
    {
        var isText = message.Parts.All(part => part is TextPart or ThoughtPart or ToolCallPart);
        return isText && !shape.HasTypedContent
            ? TrackedText.Data(message.Text())
            : message.Parts.Where(part => part is not (ToolCallPart or ThoughtPart)).Select(object? (part) => WritePart(part)).ToList();
    }

    static TemplateDictionary WritePart(Part part) => part switch
    {
        ImagePart image => Dictionary(("type", Ours("image")), ("caption", Optional(image.Caption))),
        AudioPart audio => Dictionary(("type", Ours("audio")), ("transcript", Optional(audio.Transcript))),
        FilePart file => Dictionary(("type", Ours("file")), ("name", TrackedText.Data(file.Name)), ("text", Optional(file.Text))),
        ToolResultPart result => TextContent(TrackedText.Data(ToolResultText.Render(result))),
        _ => TextContent(TrackedText.Data(((TextPart)part).Text)),
    };

    static TemplateDictionary TextContent(TrackedText text) => Dictionary(("type", Ours("text")), ("text", text));

    string ShortId(string id)
    {
        if (!shape.HasShortIds || (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit)))
        {
            return id;
        }

        if (!_shortIds.TryGetValue(id, out var known))
        {
            _shortIds[id] = known = string.Create(CultureInfo.InvariantCulture, $"call{_shortIds.Count + 1:00000}");
        }

        return known;
    }

    static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.User => "user",
        Role.Assistant => "assistant",
        _ => "tool",
    };

    static TrackedText Ours(string text) => TrackedText.Literal(text);

    static TrackedText? Optional(string? text) => text is null ? null : TrackedText.Data(text);

    static TemplateDictionary Dictionary(params ReadOnlySpan<(string Key, object? Value)> items)
    {
        var dictionary = new TemplateDictionary();
        foreach (var (key, value) in items)
        {
            dictionary.Set(Ours(key), value);
        }

        return dictionary;
    }
}
