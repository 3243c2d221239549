using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>
/// A conversation as one line of JSON: <c>{"messages": [{"role": "user", "content": "Hi"}, ...]}</c>. A message of one text has
/// <c>content</c>, any other has <c>parts</c>, each with its <c>type</c>.
/// </summary>
public static class ConversationJson
{
    // Text outside ASCII as it is: the files are UTF-8 and for people too.
    static readonly ConversationJsonContext s_context =
        new(new JsonSerializerOptions(ConversationJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes a conversation on one line, without a line end.</summary>
    public static string Write(Conversation conversation) => Encoding.UTF8.GetString(WriteUtf8(conversation));

    /// <summary>Writes a conversation on one line of UTF-8, without a line end.</summary>
    public static byte[] WriteUtf8(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return JsonSerializer.SerializeToUtf8Bytes(ConversationLine.From(conversation), s_context.ConversationLine);
    }

    /// <summary>Reads a conversation.</summary>
    /// <param name="utf8">One JSON object.</param>
    /// <param name="origin">What a message calls it, such as "Line 3 of 'a.jsonl'".</param>
    /// <exception cref="NoosException">It is not a conversation.</exception>
    public static Conversation Read(ReadOnlySpan<byte> utf8, string origin = "The text")
    {
        try
        {
            return (JsonSerializer.Deserialize(utf8, s_context.ConversationLine) ?? throw new JsonException("There is no object."))
                .ToConversation();
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new NoosException(ErrorKind.Damaged, $"{origin} is not a conversation: {FirstLine(exception.Message)}", exception);
        }
    }

    /// <summary>Parts as a JSON list, each with its <c>type</c>.</summary>
    public static JsonElement ToJson(IReadOnlyList<Part> parts) => JsonSerializer.SerializeToElement([.. parts], s_context.PartArray);

    static string FirstLine(string message) => message.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? message[..end] : message;
}

/// <summary>The JSON shape of a conversation.</summary>
sealed record ConversationLine(MessageLine?[] Messages)
{
    public static ConversationLine From(Conversation conversation) => new([.. conversation.Messages.Select(MessageLine.From)]);

    public Conversation ToConversation() =>
        new([.. Messages.Select(message => (message ?? throw new JsonException("A message is null.")).ToMessage())]);
}

/// <summary>The same shape where a conversation is a part of other JSON, whatever the options there.</summary>
public sealed class ConversationConverter : JsonConverter<Conversation>
{
    public override Conversation? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ConversationJsonContext.Default.ConversationLine)?.ToConversation();

    public override void Write(Utf8JsonWriter writer, Conversation value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, ConversationLine.From(value), ConversationJsonContext.Default.ConversationLine);
}

/// <summary>One message as a part of other JSON, in the shape that it has in a conversation.</summary>
public sealed class MessageConverter : JsonConverter<Message>
{
    public override Message? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ConversationJsonContext.Default.MessageLine)?.ToMessage();

    public override void Write(Utf8JsonWriter writer, Message value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, MessageLine.From(value), ConversationJsonContext.Default.MessageLine);
}

/// <summary>The JSON shape of a message.</summary>
sealed record MessageLine(Role Role, string? Content = null, Part?[]? Parts = null, string? Name = null, int? Weight = null)
{
    public static MessageLine From(Message message) => message.Parts is [TextPart { Origin: null, Citation: null } text]
        ? new MessageLine(message.Role, text.Text, Name: message.Name, Weight: message.Weight)
        : new MessageLine(message.Role, Parts: [.. message.Parts], Name: message.Name, Weight: message.Weight);

    public Message ToMessage() => (Content, Parts) switch
    {
        (not null, null) => Create([new TextPart(Content)]),
        (null, not null) => Create([.. Parts.Select(part => part ?? throw new JsonException("A part of a message is null."))]),
        _ => throw new JsonException("A message needs either 'content' or 'parts'."),
    };

    Message Create(IReadOnlyList<Part> parts) => new(Role, parts) { Name = Name, Weight = Weight };
}

/// <summary>Roles in lower case.</summary>
sealed class RoleConverter() : JsonStringEnumConverter<Role>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(RoleConverter)])]
[JsonSerializable(typeof(ConversationLine))]
[JsonSerializable(typeof(Part[]))]
sealed partial class ConversationJsonContext : JsonSerializerContext;
