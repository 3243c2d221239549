using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Noos.Inference.Tests.Support;

/// <summary>An independent validator of JSON Schema: looks at finished values only and knows nothing of grammars.</summary>
sealed class JsonSchemaValidator(JsonElement root)
{
    /// <summary>What is wrong with the value, or null.</summary>
    public string? FindFault(JsonElement value) => FindFault(value, root, "$");

    string? FindFault(JsonElement value, JsonElement schema, string path)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.GetBoolean() ? null : $"{path} is not allowed";
        }

        return FindCombinedFault(value, schema, path)
            ?? FindPlainFault(value, schema, path)
            ?? value.ValueKind switch
            {
                JsonValueKind.Object => FindObjectFault(value, schema, path),
                JsonValueKind.Array => FindArrayFault(value, schema, path),
                JsonValueKind.String => FindTextFault(value.GetString()!, schema, path),
                JsonValueKind.Number => FindNumberFault(NumberOf(value), schema, path),
                _ => null,
            };
    }

    string? FindCombinedFault(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference) && FindFault(value, Resolve(reference.GetString()!), path) is { } fault)
        {
            return fault;
        }

        if (schema.TryGetProperty("allOf", out var all)
            && all.EnumerateArray()
                .Select(part => FindFault(value, part, path))
                .FirstOrDefault(found => found is not null) is { } partFault)
        {
            return partFault;
        }

        if (schema.TryGetProperty("anyOf", out var any) && !any.EnumerateArray().Any(part => FindFault(value, part, path) is null))
        {
            return $"{path} is in no branch of anyOf";
        }

        return schema.TryGetProperty("oneOf", out var one)
            && one.EnumerateArray().Count(part => FindFault(value, part, path) is null) is var count and not 1
            ? $"{path} is in {count} branches of oneOf"
            : null;
    }

    static string? FindPlainFault(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.Array
                ? type.EnumerateArray().Select(name => name.GetString()).ToArray()
                : [type.GetString()];
            var actual = value.ValueKind switch
            {
                JsonValueKind.Number => decimal.IsInteger(NumberOf(value)) ? "integer" : "number",
                JsonValueKind.True or JsonValueKind.False => "boolean",
                var kind => kind.ToString().ToLowerInvariant(),
            };
            if (!types.Contains(actual) && !(actual == "integer" && types.Contains("number")))
            {
                return $"{path} is of type {actual}";
            }
        }

        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
        {
            return $"{path} is not the constant";
        }

        return schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value))
            ? $"{path} is not in the enum"
            : null;
    }

    string? FindObjectFault(JsonElement value, JsonElement schema, string path)
    {
        var properties = value.EnumerateObject().ToArray();
        if (schema.TryGetProperty("required", out var required)
            && required.EnumerateArray()
                .FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
        {
            return $"{path} lacks {missing}";
        }

        if (properties.Length < Count(schema, "minProperties", 0) || properties.Length > Count(schema, "maxProperties", int.MaxValue))
        {
            return $"{path} has {properties.Length} properties";
        }

        foreach (var property in properties)
        {
            var isKnown = false;
            if (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(property.Name, out var own))
            {
                isKnown = true;
                if (FindFault(property.Value, own, $"{path}.{property.Name}") is { } fault)
                {
                    return fault;
                }
            }

            foreach (var pattern in schema.TryGetProperty("patternProperties", out var patterns)
                ? patterns.EnumerateObject().ToArray()
                : [])
            {
                if (Regex.IsMatch(property.Name, pattern.Name, RegexOptions.None, TimeSpan.FromSeconds(1)))
                {
                    isKnown = true;
                    if (FindFault(property.Value, pattern.Value, $"{path}.{property.Name}") is { } fault)
                    {
                        return fault;
                    }
                }
            }

            if (!isKnown && schema.TryGetProperty("additionalProperties", out var additional)
                && FindFault(property.Value, additional, $"{path}.{property.Name}") is { } other)
            {
                return other;
            }

            if (schema.TryGetProperty("propertyNames", out var names)
                && FindFault(JsonSerializer.SerializeToElement(property.Name), names, $"{path}.{property.Name} (name)") is { } nameFault)
            {
                return nameFault;
            }
        }

        return null;
    }

    string? FindArrayFault(JsonElement value, JsonElement schema, string path)
    {
        var items = value.EnumerateArray().ToArray();
        if (items.Length < Count(schema, "minItems", 0) || items.Length > Count(schema, "maxItems", int.MaxValue))
        {
            return $"{path} has {items.Length} items";
        }

        if (schema.TryGetProperty("uniqueItems", out var unique) && unique.GetBoolean()
            && items.Where((item, index) => items.Take(index).Any(other => JsonElement.DeepEquals(other, item))).Any())
        {
            return $"{path} has an item twice";
        }

        var prefix = schema.TryGetProperty("prefixItems", out var first) ? first.EnumerateArray().ToArray() : [];
        for (var index = 0; index < items.Length; index++)
        {
            if (index < prefix.Length ? FindFault(items[index], prefix[index], $"{path}[{index}]") is { } fault
                : (schema.TryGetProperty("items", out var rest) ? FindFault(items[index], rest, $"{path}[{index}]") : null) is { }
                    && (fault = $"{path}[{index}] does not fit") is not null)
            {
                return fault;
            }
        }

        return null;
    }

    static string? FindTextFault(string text, JsonElement schema, string path)
    {
        var length = text.EnumerateRunes().Count();
        if (length < Count(schema, "minLength", 0) || length > Count(schema, "maxLength", int.MaxValue))
        {
            return $"{path} has {length} characters";
        }

        if (schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(OneUnitEach(text), pattern.GetString()!.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.None,
                TimeSpan.FromSeconds(1)))
        {
            return $"{path} '{text}' does not match {pattern}";
        }

        return !schema.TryGetProperty("format", out var format) || HasFormat(text, format.GetString()!)
            ? null
            : $"{path} '{text}' is no {format}";
    }

    static bool HasFormat(string text, string format) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            || text.StartsWith("0000", StringComparison.Ordinal),
        "date-time" =>
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _)
                || text.StartsWith("0000", StringComparison.Ordinal)
                || text.Length > 19
                && Regex.IsMatch(text, "[+-](?:1[4-9]|2)[0-9:]*\\z", RegexOptions.None, TimeSpan.FromSeconds(1)),
        "time" => TimeOnly.TryParse(text[..8], CultureInfo.InvariantCulture, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" or "ipv6" => IPAddress.TryParse(text, out _),
        "email" => text.Split('@') is [{ Length: > 0 }, { Length: > 0 }],
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "hostname" => Uri.CheckHostName(text) != UriHostNameType.Unknown,
        _ => true,
    };

    static string? FindNumberFault(decimal number, JsonElement schema, string path) =>
        (schema.TryGetProperty("minimum", out var min) && number < min.GetDecimal())
        || (schema.TryGetProperty("maximum", out var max) && number > max.GetDecimal())
        || (schema.TryGetProperty("exclusiveMinimum", out var above) && number <= above.GetDecimal())
        || (schema.TryGetProperty("exclusiveMaximum", out var below) && number >= below.GetDecimal())
        || (schema.TryGetProperty("multipleOf", out var unit) && number % unit.GetDecimal() != 0)
            ? $"{path} is {number}"
            : null;

    // JSON Schema counts code points, .NET UTF-16 units; no pattern here tells the characters beyond the basic plane apart.
    static string OneUnitEach(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "\uE000"));

    // What a decimal cannot hold is a huge integer or next to nothing.
    static decimal NumberOf(JsonElement value) => value.TryGetDecimal(out var number) ? number
        : Math.Abs(value.GetDouble()) < 1 ? (decimal)Math.CopySign(1e-20, value.GetDouble())
        : value.GetDouble() < 0 ? decimal.MinValue : decimal.MaxValue;

    JsonElement Resolve(string reference) => reference == "#"
        ? root
        : reference[2..]
            .Split('/')
            .Aggregate(root, (target, name) => target.GetProperty(name.Replace("~1", "/", StringComparison.Ordinal)));

    static int Count(JsonElement schema, string name, int fallback) =>
        schema.TryGetProperty(name, out var count) ? count.GetInt32() : fallback;
}
