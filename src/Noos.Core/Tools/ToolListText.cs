using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Noos.Core.Tools;

/// <summary>Tools with their schemas as text in a prompt: how models whose template has no place for tools are told of them.</summary>
public static class ToolListText
{
    // A model reads this text: no escapes for what people write.
    static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line of introduction, then one line of JSON per tool, each with its line end.</summary>
    public static string Write(IEnumerable<ToolDeclaration> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        var text = new StringBuilder("You can use these tools:\n");
        foreach (var tool in tools)
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, s_plain))
            {
                writer.WriteStartObject();
                writer.WriteString("name", tool.Name);
                writer.WriteString("description", tool.Description);
                writer.WritePropertyName("parameters");
                tool.Parameters.WriteTo(writer);
                writer.WriteEndObject();
            }

            text.Append(Encoding.UTF8.GetString(buffer.ToArray())).Append('\n');
        }

        return text.ToString();
    }
}
