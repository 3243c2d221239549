using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Language.Tokenization;

/// <summary>
/// The JSON of a tool call as the model reads and writes it: <c>{"name": "calculator", "arguments": {...}}</c>, spaced as Python's
/// <c>json.dumps</c> and the <c>tojson</c> filter of chat templates space it, text outside ASCII unescaped.
/// </summary>
static class ToolCallJson
{
    public static string Write(ToolCallPart call)
    {
        var text = new StringBuilder("{\"name\": ");
        Write(text, call.Name);
        text.Append(", \"arguments\": ");
        Write(text, call.Arguments);
        return text.Append('}').ToString();
    }

    /// <summary>Reads a call that a model wrote; false when it is not one.</summary>
    public static bool TryRead(string text, out ToolCallPart? call)
    {
        call = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && root.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.Object)
            {
                call = new ToolCallPart(name.GetString()!, arguments.Clone());
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or with half a surrogate pair in a string: the caller keeps the text.
            return false;
        }

        return call is not null;
    }

    static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var separator = "{";
                foreach (var member in value.EnumerateObject())
                {
                    text.Append(separator);
                    Write(text, member.Name);
                    text.Append(": ");
                    Write(text, member.Value);
                    separator = ", ";
                }

                text.Append(separator == "{" ? "{}" : "}");
                break;
            case JsonValueKind.Array:
                separator = "[";
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Write(text, item);
                    separator = ", ";
                }

                text.Append(separator == "[" ? "[]" : "]");
                break;
            case JsonValueKind.String:
                Write(text, value.GetString()!);
                break;
            case JsonValueKind.Undefined:
                text.Append("{}");
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\b' => text.Append("\\b"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
