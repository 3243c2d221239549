using System.Text;
using System.Text.Json;

namespace Noos.Inference.ToolCalls;

/// <summary>Reads the JSON of calls that a model wrote.</summary>
static class CallJson
{
    /// <summary>The value; null where the text is no JSON.</summary>
    public static JsonElement? Read(string text)
    {
        try
        {
            var value = JsonElement.Parse(text);
            // Half a surrogate pair is JSON but no text.
            _ = JsonSerializer.SerializeToUtf8Bytes(value, JsonContext.Default.JsonElement);
            return value;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The value that the text begins with, whatever is behind it; null where it begins with none.</summary>
    public static JsonElement? ReadFirst(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), isFinalBlock: false, state: default);
        try
        {
            return JsonElement.TryParseValue(ref reader, out var value) ? Read(value.Value.GetRawText()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A call with its name and arguments; nothing where the text is none.</summary>
    public static IReadOnlyList<CallPiece> ReadCall(string text, string argumentsName) =>
        Read(text) is { } value ? ReadCall(value, argumentsName) : [];

    /// <summary>
    /// A list of calls that the text begins with. Nothing marks its end, so what a model goes on to say is behind it; nothing where one of
    /// them is no call.
    /// </summary>
    public static IReadOnlyList<CallPiece> ReadList(string text, string argumentsName)
    {
        if (ReadFirst(text) is not { ValueKind: JsonValueKind.Array } list)
        {
            return [];
        }

        CallPiece[] calls = [.. list.EnumerateArray().SelectMany(item => ReadCall(item, argumentsName))];
        return calls.Length == list.GetArrayLength() ? calls : [];
    }

    public static IReadOnlyList<CallPiece> ReadCall(JsonElement value, string argumentsName) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && value.TryGetProperty(argumentsName, out var arguments) && arguments.ValueKind == JsonValueKind.Object
            ? [new CallPiece(name.GetString()!, arguments)]
            : [];
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class JsonContext : System.Text.Json.Serialization.JsonSerializerContext;
