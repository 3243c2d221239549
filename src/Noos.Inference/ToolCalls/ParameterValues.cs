using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints.Schemas;

namespace Noos.Inference.ToolCalls;

/// <summary>Arguments that are written outside of JSON, read as their schema says.</summary>
sealed class ParameterValues(IReadOnlyList<ToolSignature> tools)
{
    /// <summary>The arguments as one JSON object.</summary>
    public JsonElement ToObject(string tool, IEnumerable<(string Name, string Value)> arguments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments)
            {
                writer.WritePropertyName(name);
                Write(writer, tool, name, value);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    void Write(Utf8JsonWriter writer, string tool, string name, string text)
    {
        var schema = tools.FirstOrDefault(known => known.Name == tool)?.Schema;
        if (Candidates(text).FirstOrDefault(value => Fits(schema, name, value)) is { ValueKind: not JsonValueKind.Undefined } fitting)
        {
            fitting.WriteTo(writer);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    /// <summary>What the text may mean; Python's words are what templates write for those of JSON.</summary>
    static IEnumerable<JsonElement> Candidates(string text)
    {
        if (CallJson.Read(text switch { "True" => "true", "False" => "false", "None" => "null", _ => text }) is { } value)
        {
            yield return value;
        }
    }

    static bool Fits(JsonElement? schema, string name, JsonElement value)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } given)
        {
            return true;
        }

        try
        {
            var reader = new SchemaReader(given, isLenient: true);
            var schemas = reader.Expand([given]).SelectMany(one => one.SchemasOf(name)).ToArray();
            return schemas.Length == 0 || reader.Accepts(schemas, value);
        }
        catch (NoosException)
        {
            return false;
        }
    }
}
