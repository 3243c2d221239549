using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Language.Tokenization;

/// <summary>
/// Writes a tool call as the JSON that the model is trained on: <c>{"name": "calculator", "arguments": {...}}</c>, spaced as Python's
/// <c>json.dumps(..., ensure_ascii=False)</c> and the <c>tojson</c> filter of chat templates space it. Numbers keep
/// the text they came with.
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
