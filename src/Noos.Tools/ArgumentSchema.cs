using System.Text.Json;

namespace Noos.Tools;

/// <summary>
/// Checks the arguments of a call against the part of JSON Schema that tools use: an object of named strings, numbers, integers and
/// booleans, with <c>required</c>, <c>enum</c> and <c>maxLength</c>, and nothing beside them.
/// </summary>
sealed class ArgumentSchema
{
    readonly Dictionary<string, JsonElement> _properties;
    readonly string[] _required;

    public ArgumentSchema(JsonElement schema)
    {
        _properties = schema.GetProperty("properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value);
        _required = schema.TryGetProperty("required", out var required)
            ? [.. required.EnumerateArray().Select(name => name.GetString()!)]
            : [];
    }

    /// <exception cref="ToolException">The arguments do not fit.</exception>
    public void Check(string tool, JsonElement arguments)
    {
        try
        {
            CheckObject(tool, arguments);
        }
        catch (InvalidOperationException invalid)
        {
            // Half a surrogate pair is valid JSON but no text.
            throw new ToolException($"The arguments of {tool} are not valid text.", invalid);
        }
    }

    void CheckObject(string tool, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
            throw new ToolException($"The arguments of {tool} must be a JSON object.");

        foreach (var name in _required)
        {
            if (!arguments.TryGetProperty(name, out _))
                throw new ToolException($"{tool} needs the argument \"{name}\".");
        }

        foreach (var argument in arguments.EnumerateObject())
        {
            if (!_properties.TryGetValue(argument.Name, out var property))
                throw new ToolException($"{tool} has no argument \"{argument.Name}\"; it takes {string.Join(", ", _properties.Keys)}.");

            CheckValue(tool, argument.Name, property, argument.Value);
        }
    }

    static void CheckValue(string tool, string name, JsonElement property, JsonElement value)
    {
        var type = property.GetProperty("type").GetString();
        var fits = type switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => false,
        };
        if (!fits)
            throw new ToolException($"The argument \"{name}\" of {tool} must be a {type}.");

        // Reading the text also shows that it is valid.
        if (type == "string" && value.GetString() is { } text && property.TryGetProperty("maxLength", out var maximum) && text.Length > maximum.GetInt32())
            throw new ToolException($"The argument \"{name}\" of {tool} is longer than {maximum.GetInt32()} characters.");

        if (property.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
            throw new ToolException($"The argument \"{name}\" of {tool} must be one of {string.Join(", ", choices.EnumerateArray())}.");
    }
}
