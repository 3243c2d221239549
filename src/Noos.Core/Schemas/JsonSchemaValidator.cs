using System.Globalization;
using System.Text.Json;

namespace Noos.Core.Schemas;

/// <summary>
/// Checks the arguments of a tool call against the tool's JSON Schema (draft 2020-12 and what is common of the earlier ones) and names the
/// first fault in one sentence. Keywords it does not know, <c>format</c> among them, allow everything, as the specification says. The work
/// is bounded whatever the schema: in depth, in the number of checks, and in the time that a pattern may take. Thread-safe.
/// </summary>
public static class JsonSchemaValidator
{
    /// <summary>One sentence that says what is wrong, or null when <paramref name="value"/> fits.</summary>
    public static string? FindFault(JsonElement schema, JsonElement value)
    {
        try
        {
            return new Check(schema).FindFault(schema, value, "", 0);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair can be written in JSON but is no text.
            return $"{Subject("")} must be valid text.";
        }
    }

    static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    static string Subject(string path) => path.Length == 0 ? "The argument object" : $"The argument \"{path}\"";

    static JsonElement? Keyword(JsonElement schema, string name, JsonValueKind kind) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    /// <summary>One check of one value: the document that references point into, and what is left of the budget.</summary>
    sealed class Check(JsonElement root)
    {
        // A level of JSON takes a few levels of schema: a reference, a branch, the schema itself.
        const int MaxDepth = 256;

        // Branches that refer to themselves would otherwise double the work at every level.
        const int MaxChecks = 100_000;

        int _checks;

        public string? FindFault(JsonElement schema, JsonElement value, string path, int depth)
        {
            if (schema.ValueKind is JsonValueKind.False)
            {
                return $"{Subject(path)} is not allowed.";
            }

            if (schema.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            if (depth > MaxDepth || ++_checks > MaxChecks)
            {
                return $"{Subject(path)} is nested too deeply.";
            }

            return FindReferenceFault(schema, value, path, depth)
                ?? FindTypeFault(schema, value, path)
                ?? FindChoiceFault(schema, value, path)
                ?? FindCombinedFault(schema, value, path, depth)
                ?? value.ValueKind switch
                {
                    JsonValueKind.Object => FindObjectFault(schema, value, path, depth),
                    JsonValueKind.Array => FindArrayFault(schema, value, path, depth),
                    JsonValueKind.String => FindTextFault(schema, value.GetString()!, path),
                    JsonValueKind.Number => FindNumberFault(schema, value, path),
                    _ => null,
                };
        }

        string? FindReferenceFault(JsonElement schema, JsonElement value, string path, int depth) =>
            Keyword(schema, "$ref", JsonValueKind.String) is { } reference && Resolve(reference.GetString()!) is { } target
                ? FindFault(target, value, path, depth + 1)
                : null;

        /// <summary>
        /// A place in the same document (RFC 6901), such as <c>#/$defs/node</c>; null for what is not there or elsewhere.
        /// </summary>
        JsonElement? Resolve(string reference)
        {
            if (!reference.StartsWith('#'))
            {
                return null;
            }

            var target = root;
            foreach (var part in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var name = Uri.UnescapeDataString(part)
                    .Replace("~1", "/", StringComparison.Ordinal)
                    .Replace("~0", "~", StringComparison.Ordinal);
                if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out var member))
                {
                    target = member;
                }
                else if (target.ValueKind == JsonValueKind.Array
                    && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                        && index < target.GetArrayLength())
                {
                    target = target[index];
                }
                else
                {
                    return null;
                }
            }

            return target;
        }

        string? FindCombinedFault(JsonElement schema, JsonElement value, string path, int depth)
        {
            foreach (var part in Branches(schema, "allOf"))
            {
                if (FindFault(part, value, path, depth + 1) is { } fault)
                {
                    return fault;
                }
            }

            if (schema.TryGetProperty("not", out var refused) && FindFault(refused, value, path, depth + 1) is null)
            {
                return $"{Subject(path)} has a form that is not allowed.";
            }

            return FindAlternativesFault(schema, "anyOf", value, path, depth) ?? FindAlternativesFault(schema, "oneOf", value, path, depth);
        }

        string? FindAlternativesFault(JsonElement schema, string keyword, JsonElement value, string path, int depth)
        {
            var branches = Branches(schema, keyword);
            if (branches.Length == 0)
            {
                return null;
            }

            var faults = Array.ConvertAll(branches, branch => FindFault(branch, value, path, depth + 1));
            var fitting = faults.Count(fault => fault is null);
            if (fitting == 1 || (fitting > 1 && keyword == "anyOf"))
            {
                return null;
            }

            if (fitting > 1)
            {
                return $"{Subject(path)} fits {fitting} alternatives where only one is allowed.";
            }

            // Where the type leaves one branch only, its fault is what helps.
            int[] ofType = [.. branches.Index()
                .Where(branch => branch.Item.ValueKind != JsonValueKind.Object || FindTypeFault(branch.Item, value, path) is null)
                .Select(branch => branch.Index)];
            return ofType is [var only] ? faults[only] : $"{Subject(path)} fits none of its {branches.Length} alternatives.";
        }

        static JsonElement[] Branches(JsonElement schema, string keyword) =>
            Keyword(schema, keyword, JsonValueKind.Array) is { } list ? [.. list.EnumerateArray()] : [];

        static string? FindTypeFault(JsonElement schema, JsonElement value, string path)
        {
            if (!schema.TryGetProperty("type", out var type))
            {
                return null;
            }

            var allowed = type.ValueKind == JsonValueKind.Array
                ? type.EnumerateArray().Select(item => item.ToString()).ToArray()
                : [type.ToString()];
            return Array.Exists(allowed, name => IsOfType(name, value))
                ? null
                : $"{Subject(path)} must be of type {string.Join(" or ", allowed)}.";
        }

        static bool IsOfType(string name, JsonElement value) => name switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && Math.Floor(number) == number,
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

            return Keyword(schema, "enum", JsonValueKind.Array) is { } choices
                && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value))
                ? $"{Subject(path)} must be one of {string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()))}."
                : null;
        }

        string? FindObjectFault(JsonElement schema, JsonElement value, string path, int depth)
        {
            if (Keyword(schema, "required", JsonValueKind.Array) is { } required)
            {
                foreach (var name in required.EnumerateArray())
                {
                    if (!value.TryGetProperty(name.ToString(), out _))
                    {
                        return $"{Subject(Child(path, name.ToString()))} is missing.";
                    }
                }
            }

            if (FindCountFault(schema, "minProperties", "maxProperties", value.GetPropertyCount(), path, "properties") is { } countFault)
            {
                return countFault;
            }

            foreach (var property in value.EnumerateObject())
            {
                if (FindPropertyFault(schema, property, Child(path, property.Name), depth) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }

        string? FindPropertyFault(JsonElement schema, JsonProperty property, string child, int depth)
        {
            if (schema.TryGetProperty("propertyNames", out var names)
                && FindFault(names, JsonSerializer.SerializeToElement(property.Name, SchemaJsonContext.Default.String), child, depth + 1)
                    is not null)
            {
                return $"{Subject(child)} has a name that is not allowed.";
            }

            var isKnown = false;
            if (Keyword(schema, "properties", JsonValueKind.Object) is { } properties
                && properties.TryGetProperty(property.Name, out var expected))
            {
                isKnown = true;
                if (FindFault(expected, property.Value, child, depth + 1) is { } fault)
                {
                    return fault;
                }
            }

            if (Keyword(schema, "patternProperties", JsonValueKind.Object) is { } patterns)
            {
                foreach (var pattern in patterns.EnumerateObject()
                    .Where(pattern => SchemaPattern.IsMatch(pattern.Name, property.Name) == true))
                {
                    isKnown = true;
                    if (FindFault(pattern.Value, property.Value, child, depth + 1) is { } fault)
                    {
                        return fault;
                    }
                }
            }

            if (isKnown || !schema.TryGetProperty("additionalProperties", out var additional))
            {
                return null;
            }

            return additional.ValueKind == JsonValueKind.False
                ? $"{Subject(child)} is not known."
                : FindFault(additional, property.Value, child, depth + 1);
        }

        string? FindArrayFault(JsonElement schema, JsonElement value, string path, int depth)
        {
            if (FindCountFault(schema, "minItems", "maxItems", value.GetArrayLength(), path, "items") is { } countFault)
            {
                return countFault;
            }

            // Before draft 2020-12 a list of schemas in "items" was what "prefixItems" is now, and "additionalItems" the rest.
            var isOldTuple = Keyword(schema, "items", JsonValueKind.Array) is not null;
            var prefix = Branches(schema, isOldTuple ? "items" : "prefixItems");
            var hasRest = schema.TryGetProperty(isOldTuple ? "additionalItems" : "items", out var rest);
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
                var fault = index < prefix.Length
                    ? FindFault(prefix[index], item, place, depth + 1)
                    : hasRest
                    ? FindFault(rest, item, place, depth + 1)
                    : null;
                if (fault is not null)
                {
                    return fault;
                }
            }

            return Keyword(schema, "uniqueItems", JsonValueKind.True) is null ? null : FindRepetitionFault(value, path);
        }

        string? FindRepetitionFault(JsonElement value, string path)
        {
            JsonElement[] items = [.. value.EnumerateArray()];
            for (var index = 1; index < items.Length; index++)
            {
                for (var earlier = 0; earlier < index; earlier++)
                {
                    if (++_checks > MaxChecks)
                    {
                        return $"{Subject(path)} has too many items.";
                    }

                    if (JsonElement.DeepEquals(items[earlier], items[index]))
                    {
                        return string.Create(CultureInfo.InvariantCulture, $"{Subject($"{path}[{index}]")} repeats an earlier item.");
                    }
                }
            }

            return null;
        }

        static string? FindTextFault(JsonElement schema, string text, string path)
        {
            if (FindCountFault(schema, "minLength", "maxLength", text.EnumerateRunes().Count(), path, "characters") is { } fault)
            {
                return fault;
            }

            return Keyword(schema, "pattern", JsonValueKind.String) is { } pattern
                && SchemaPattern.IsMatch(pattern.GetString()!, text) == false
                ? $"{Subject(path)} must match the pattern {pattern.GetString()}."
                : null;
        }

        static string? FindNumberFault(JsonElement schema, JsonElement value, string path)
        {
            foreach (var (keyword, relation, isBroken) in s_bounds)
            {
                if (Keyword(schema, keyword, JsonValueKind.Number) is { } bound && isBroken(Compare(value, bound)))
                {
                    return $"{Subject(path)} must be {relation} {bound.GetRawText()}.";
                }
            }

            return Keyword(schema, "multipleOf", JsonValueKind.Number) is { } unit && !IsMultiple(value, unit)
                ? $"{Subject(path)} must be a multiple of {unit.GetRawText()}."
                : null;
        }

        static readonly (string Keyword, string Relation, Func<int, bool> IsBroken)[] s_bounds =
        [
            ("minimum", "at least", order => order < 0),
            ("maximum", "at most", order => order > 0),
            ("exclusiveMinimum", "more than", order => order <= 0),
            ("exclusiveMaximum", "less than", order => order >= 0),
        ];

        // Exactly where a decimal holds both: 0.1 is no double, and neither is a whole number beyond 2^53.
        static int Compare(JsonElement left, JsonElement right) =>
            left.TryGetDecimal(out var exactLeft) && right.TryGetDecimal(out var exactRight)
            ? exactLeft.CompareTo(exactRight)
            : left.GetDouble().CompareTo(right.GetDouble());

        static bool IsMultiple(JsonElement value, JsonElement unit)
        {
            if (value.TryGetDecimal(out var exact) && unit.TryGetDecimal(out var exactUnit))
            {
                return exactUnit <= 0 || exact % exactUnit == 0;
            }

            var quotient = value.GetDouble() / unit.GetDouble();
            return !double.IsFinite(quotient) || Math.Floor(quotient) == quotient;
        }

        static string? FindCountFault(JsonElement schema, string lower, string upper, int count, string path, string unit)
        {
            if (Keyword(schema, lower, JsonValueKind.Number) is { } min && count < min.GetDouble())
            {
                return $"{Subject(path)} must have at least {min.GetRawText()} {unit}.";
            }

            return Keyword(schema, upper, JsonValueKind.Number) is { } max && count > max.GetDouble()
                ? $"{Subject(path)} must have at most {max.GetRawText()} {unit}."
                : null;
        }
    }
}
