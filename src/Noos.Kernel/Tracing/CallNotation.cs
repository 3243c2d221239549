using System.Text;
using System.Text.Json;

namespace Noos.Kernel.Tracing;

/// <summary>A tool call the way a person writes it: <c>calculator(48*37+5)</c>, or <c>search(query: fox, count: 3)</c>.</summary>
public static class CallNotation
{
    public static string Write(string name, JsonElement arguments)
    {
        var text = new StringBuilder(name).Append('(');
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            var properties = arguments.EnumerateObject().ToArray();
            text.AppendJoin(", ",
                properties.Select(property =>
                    properties.Length == 1 ? Plain(property.Value) : $"{property.Name}: {Plain(property.Value)}"));
        }

        return text.Append(')').ToString();
    }

    static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
