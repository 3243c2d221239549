using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Language.Templates;

namespace Noos.Cpus.ChatClients;

/// <summary>
/// Our conversation and the chat messages of Microsoft.Extensions.AI, both ways: the only place that knows both. Calls without an id get
/// "call_1", "call_2", ... in order; a result without an id answers the oldest call that has none. Chat messages have no flag for a result
/// that is an error, and the models behind them read text: there it begins with "Error: ", and a property keeps the flag. Usage and other
/// contents that are no part of a conversation are left out.
/// </summary>
public static class ConversationMapping
{
    // "48*37+5" stays as it is instead of "48*37\u002B5": people and models read it.
    static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    const string CaptionKey = "caption";
    const string ErrorKey = "is_error";
    const string OriginKey = "origin";
    const string NameKey = "name";
    const string TextKey = "text";

    public static List<ChatMessage> ToChatMessages(this Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var ids = new CallIds();
        return [.. conversation.Messages.Select(message =>
            new ChatMessage(ToChatRole(message.Role), [.. message.Parts.Select(part => ToContent(part, ids))])
            {
                AuthorName = message.Name,
            })];
    }

    public static Conversation ToConversation(this IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var toolNames = new Dictionary<string, string>(StringComparer.Ordinal);
        return new Conversation([.. messages
            .Select(message =>
                new Message(ToRole(message.Role), [.. message.Contents.Select(content => ToPart(content, toolNames)).OfType<Part>()])
                {
                    Name = message.AuthorName,
                })
            .Where(message => message.Parts.Count > 0)]);
    }

    /// <summary>The arguments of a call as one JSON object.</summary>
    public static JsonElement ToJson(IEnumerable<KeyValuePair<string, object?>>? arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_readable))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments ?? [])
            {
                writer.WritePropertyName(name);
                if (value is JsonElement element)
                {
                    element.WriteTo(writer);
                }
                else
                {
                    JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
                }
            }

            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    public static ChatRole ToChatRole(Role role) => role switch
    {
        Role.System => ChatRole.System,
        Role.User => ChatRole.User,
        Role.Assistant => ChatRole.Assistant,
        _ => ChatRole.Tool,
    };

    static Role ToRole(ChatRole role) =>
        role == ChatRole.User ? Role.User
        : role == ChatRole.Assistant ? Role.Assistant
        : role == ChatRole.Tool ? Role.Tool
        : Role.System;

    /// <summary>A call that has an id.</summary>
    public static FunctionCallContent ToContent(ToolCallPart call) => new(call.CallId ?? "", call.Name, ToDictionary(call.Arguments));

    static AIContent ToContent(Part part, CallIds ids) => part switch
    {
        TextPart text => new TextContent(text.Text),
        ToolCallPart call => ToContent(call with { CallId = ids.OfCall(call.CallId) }),
        ThoughtPart thought => new TextReasoningContent(thought.Text),
        ToolResultPart result => ToContent(result, ids.OfResult(result.CallId)),
        ImagePart image => Media(image.Uri, image.MediaType ?? "image/*", (CaptionKey, image.Caption)),
        AudioPart audio => Media(audio.Uri, audio.MediaType ?? "audio/*", (TextKey, audio.Transcript)),
        FilePart file => Media(file.Uri, file.MediaType ?? "application/octet-stream", (NameKey, file.Name), (TextKey, file.Text)),
        _ => throw new NotSupportedException($"A {part.GetType().Name} has no counterpart in a chat message."),
    };

    static FunctionResultContent ToContent(ToolResultPart result, string callId)
    {
        var content = new FunctionResultContent(callId, result.IsError ? ToolResultText.ErrorPrefix + result.Text : result.Text)
        {
            AdditionalProperties = new() { [NameKey] = result.Name },
        };
        if (result.IsError)
        {
            content.AdditionalProperties[ErrorKey] = true;
        }

        if (result.Origin is { } origin)
        {
            content.AdditionalProperties[OriginKey] = origin;
        }

        return content;
    }

    static ToolResultPart ToPart(FunctionResultContent result, Dictionary<string, string> toolNames)
    {
        var name = Property(result, NameKey) ?? toolNames.GetValueOrDefault(result.CallId, "");
        var text = ResultText(result.Result);
        var isOurs = result.AdditionalProperties?.ContainsKey(ErrorKey) == true;
        return new ToolResultPart(
            name,
            isOurs && text.StartsWith(ToolResultText.ErrorPrefix, StringComparison.Ordinal)
                ? text[ToolResultText.ErrorPrefix.Length..]
                : text,
            isOurs || result.Exception is not null,
            result.CallId)
        {
            Origin = result.AdditionalProperties?.TryGetValue(OriginKey, out var origin) == true ? origin as Origin? : null,
        };
    }

    static Part? ToPart(AIContent content, Dictionary<string, string> toolNames)
    {
        switch (content)
        {
            case TextContent text:
                return text.Text.Length == 0 ? null : new TextPart(text.Text);
            case FunctionCallContent call:
                toolNames[call.CallId] = call.Name;
                return new ToolCallPart(call.Name, ToJson(call.Arguments), call.CallId);
            case TextReasoningContent thought:
                return thought.Text.Length == 0 ? null : new ThoughtPart(thought.Text);
            case FunctionResultContent result:
                return ToPart(result, toolNames);
            case UriContent link:
                return Media(link, link.Uri.OriginalString, link.MediaType, Property(link, NameKey));
            case DataContent data:
                return Media(data, data.Uri, data.MediaType, data.Name ?? Property(data, NameKey));
            default:
                return null;
        }
    }

    /// <summary>What a tool returned, as the text that the model reads.</summary>
    public static string ResultText(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        TextContent text => text.Text,
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))),
    };

    static Dictionary<string, object?> ToDictionary(JsonElement arguments)
    {
        var result = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in arguments.EnumerateObject())
            {
                result[property.Name] = property.Value;
            }
        }

        return result;
    }

    static AIContent Media(string uri, string mediaType, params ReadOnlySpan<(string Key, string? Value)> properties)
    {
        AIContent content = uri.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            ? new DataContent(uri, mediaType.EndsWith("/*", StringComparison.Ordinal) ? null : mediaType)
            : new UriContent(new Uri(uri, UriKind.RelativeOrAbsolute), mediaType);
        foreach (var (key, value) in properties)
        {
            if (value is not null)
            {
                (content.AdditionalProperties ??= [])[key] = value;
            }
        }

        return content;
    }

    static Part Media(AIContent content, string uri, string mediaType, string? name)
    {
        var known = mediaType.EndsWith("/*", StringComparison.Ordinal) ? null : mediaType;
        if (mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            return new ImagePart(uri, known, Property(content, CaptionKey));
        }

        return mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase)
            ? new AudioPart(uri, known, Property(content, TextKey))
            : new FilePart(uri, name ?? "file", known, Property(content, TextKey));
    }

    static string? Property(AIContent content, string key) =>
        content.AdditionalProperties?.TryGetValue(key, out var value) == true ? value as string : null;

    sealed class CallIds
    {
        readonly Queue<string> _unanswered = new();
        int _count;

        public string OfCall(string? id)
        {
            _count++;
            if (id is not null)
            {
                return id;
            }

            var made = string.Create(CultureInfo.InvariantCulture, $"call_{_count}");
            _unanswered.Enqueue(made);
            return made;
        }

        public string OfResult(string? id) => id ?? (_unanswered.TryDequeue(out var made) ? made : "");
    }
}
