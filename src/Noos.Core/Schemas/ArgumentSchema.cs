using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Noos.Core.Schemas;

/// <summary>
/// Checks the arguments of a call against the tool's JSON Schema: type, properties, required, additionalProperties, items, enum, const and
/// the bounds of strings, numbers and arrays. Keywords it does not know allow everything, as the specification says.
/// </summary>
public static class ArgumentSchema
{
    const int MaximumDepth = 64;

    /// <summary>One sentence that says what is wrong, or null when <paramref name="value"/> fits.</summary>
    public static string? FindFault(JsonElement schema, JsonElement value)
    {
        try
        {
            return FindFault(schema, value, "", 0);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair can be written in JSON but is no text.
            return $"{Subject("")} must be valid text.";
        }
    }

    static string? FindFault(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (schema.ValueKind is JsonValueKind.False)
        {
            return $"{Subject(path)} is not allowed.";
        }

        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (depth > MaximumDepth)
        {
            return $"{Subject(path)} is nested too deeply.";
        }

        return FindTypeFault(schema, value, path)
            ?? FindChoiceFault(schema, value, path)
            ?? value.ValueKind switch
            {
                JsonValueKind.Object => FindObjectFault(schema, value, path, depth),
                JsonValueKind.Array => FindArrayFault(schema, value, path, depth),
                JsonValueKind.String => FindBoundFault(schema, "minLength", "maxLength", value.GetString()!.EnumerateRunes().Count(), path, "characters"),
                JsonValueKind.Number => FindBoundFault(schema, "minimum", "maximum", value.GetDouble(), path, ""),
                _ => null,
            };
    }

    static string? FindTypeFault(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        var allowed = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(item => item.ToString()).ToArray() : [type.ToString()];
        return allowed.Any(name => Matches(name, value)) ? null : $"{Subject(path)} must be of type {string.Join(" or ", allowed)}.";
    }

    static bool Matches(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };

    static string? FindChoiceFault(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
        {
            return $"{Subject(path)} must be {constant.GetRawText()}.";
        }

        return schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array
            && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value))
            ? $"{Subject(path)} must be one of {string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()))}."
            : null;
    }

    static string? FindObjectFault(JsonElement schema, JsonElement value, string path, int depth)
    {
        var properties = schema.TryGetProperty("properties", out var known) && known.ValueKind == JsonValueKind.Object ? known : default;
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.ToString(), out _))
                {
                    return $"{Subject(Child(path, name.ToString()))} is missing.";
                }
            }
        }

        foreach (var property in value.EnumerateObject())
        {
            var child = Child(path, property.Name);
            if (properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty(property.Name, out var expected))
            {
                if (!schema.TryGetProperty("additionalProperties", out expected))
                {
                    continue;
                }

                if (expected.ValueKind == JsonValueKind.False)
                {
                    return $"{Subject(child)} is not known.";
                }
            }

            if (FindFault(expected, property.Value, child, depth + 1) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    static string? FindArrayFault(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (FindBoundFault(schema, "minItems", "maxItems", value.GetArrayLength(), path, "items") is { } bound)
        {
            return bound;
        }

        if (!schema.TryGetProperty("items", out var items))
        {
            return null;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (FindFault(items, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), depth + 1) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    static string? FindBoundFault(JsonElement schema, string lower, string upper, double measured, string path, string unit)
    {
        if (Bound(schema, lower) is { } least && measured < least)
        {
            return Describe("at least", least);
        }

        return Bound(schema, upper) is { } most && measured > most ? Describe("at most", most) : null;

        string Describe(string relation, double limit)
        {
            var text = new StringBuilder(Subject(path)).Append(unit.Length == 0 ? " must be " : " must have ").Append(relation).Append(' ');
            text.Append(limit.ToString(CultureInfo.InvariantCulture));
            return (unit.Length == 0 ? text : text.Append(' ').Append(unit)).Append('.').ToString();
        }
    }

    static double? Bound(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var bound) && bound.ValueKind == JsonValueKind.Number ? bound.GetDouble() : null;

    static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    static string Subject(string path) => path.Length == 0 ? "The argument object" : $"The argument \"{path}\"";
}
