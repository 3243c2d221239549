using System.Text;
using System.Text.Json;
using Noos.Language;

namespace Noos.Inference.Constraints;

/// <summary>
/// JSON Schema to grammar: type, properties, required, additionalProperties, items, minItems, maxItems, minLength, maxLength, enum, const,
/// and anyOf or oneOf whose branches begin differently (such as "string or null"). Bounds of numbers, patterns and formats are left to the
/// tool, which checks its arguments. Where a schema says more than that (references, combinations), any JSON value is let through.
/// JSON is written as the training data has it: one space after colons and commas, none elsewhere.
/// </summary>
static class SchemaCompiler
{
    const int AnyValueDepth = 4;

    static readonly string[] s_combinations = ["$ref", "allOf", "not", "if", "patternProperties", "dependentSchemas", "prefixItems"];

    public static GrammarNode Compile(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return AnyValue(AnyValueDepth);
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return Literals([constant]);
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return Literals(values.EnumerateArray());
        }

        if (Array.Exists(s_combinations, name => schema.TryGetProperty(name, out _)))
        {
            return AnyValue(AnyValueDepth);
        }

        if (schema.TryGetProperty("anyOf", out var branches) || schema.TryGetProperty("oneOf", out branches))
        {
            return Branches(branches);
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return schema.TryGetProperty("properties", out _) ? Object(schema) : AnyValue(AnyValueDepth);
        }

        return type.ValueKind == JsonValueKind.Array
            ? new ChoiceNode([.. type.EnumerateArray().Select(one => OfType(one, schema))])
            : OfType(type, schema);
    }

    /// <summary>The arguments of a tool: an object, whatever else the schema leaves open.</summary>
    public static GrammarNode CompileArguments(JsonElement schema) => Compile(schema) switch
    {
        ObjectNode node => node,
        MapNode node => node,
        ChoiceNode => new MapNode(AnyValue(AnyValueDepth)),
        _ => throw new NoosException("Its schema does not describe an object of arguments; give it one of type object."),
    };

    /// <summary>A JSON string as tool calls are written: only what RFC 8259 asks for is escaped.</summary>
    public static byte[] Write(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\f' => json.Append("\\f"),
                '\b' => json.Append("\\b"),
                < ' ' => json.Append($"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        return Encoding.UTF8.GetBytes(json.Append('"').ToString());
    }

    static GrammarNode OfType(JsonElement type, JsonElement schema) => (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
    {
        "object" => Object(schema),
        "array" => new ArrayNode(
            schema.TryGetProperty("items", out var items) ? Compile(items) : AnyValue(AnyValueDepth),
            Limit(schema, "minItems") ?? 0,
            UpperLimit(schema, "minItems", "maxItems")),
        "string" => new StringNode(Limit(schema, "minLength") ?? 0, UpperLimit(schema, "minLength", "maxLength")),
        "integer" => new NumberNode(isInteger: true),
        "number" => new NumberNode(isInteger: false),
        "boolean" => new LiteralNode([("true"u8.ToArray(), null), ("false"u8.ToArray(), null)]),
        "null" => new LiteralNode("null"u8.ToArray()),
        _ => throw new NoosException($"A tool's schema has the unknown type {type.GetRawText()}; use object, array, string, integer, number, boolean or null."),
    };

    static GrammarNode Object(JsonElement schema)
    {
        var required = new HashSet<string>();
        if (schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array)
        {
            required.UnionWith(names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!));
        }

        var properties = new Dictionary<string, GrammarNode>();
        if (schema.TryGetProperty("properties", out var known) && known.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in known.EnumerateObject())
            {
                properties[property.Name] = Compile(property.Value);
            }
        }

        var additional = schema.TryGetProperty("additionalProperties", out var others) ? others : default;
        if (properties.Count == 0 && required.Count == 0 && additional.ValueKind is JsonValueKind.Object or JsonValueKind.True)
        {
            return new MapNode(Compile(additional));
        }

        foreach (var name in required)
        {
            properties.TryAdd(name, AnyValue(AnyValueDepth));
        }

        if (properties.Count > ObjectNode.MaxProperties)
        {
            throw new NoosException($"A tool's schema has an object with {properties.Count} properties; at most {ObjectNode.MaxProperties} are supported.");
        }

        return new ObjectNode(properties.Select(property => ((byte[])[.. Write(property.Key), .. ": "u8], property.Value, required.Contains(property.Key))));
    }

    static LiteralNode Literals(IEnumerable<JsonElement> values) => new(values
        .Select(value => value.ValueKind == JsonValueKind.String ? Write(value.GetString()!) : Encoding.UTF8.GetBytes(value.GetRawText()))
        .DistinctBy(Convert.ToHexString)
        .Select(bytes => (bytes, (GrammarNode?)null)));

    static ChoiceNode Branches(JsonElement branches)
    {
        if (branches.ValueKind != JsonValueKind.Array || branches.GetArrayLength() == 0)
        {
            return AnyValue(AnyValueDepth);
        }

        GrammarNode[] nodes = [.. branches.EnumerateArray().Select(Compile)];
        var automata = Array.ConvertAll(nodes, node => new ByteAutomaton(node));
        for (var value = 0; value < 256; value++)
        {
            if (automata.Count(automaton => automaton.Step(automaton.Start, (byte)value) != ByteAutomaton.Dead) > 1)
            {
                return AnyValue(AnyValueDepth);
            }
        }

        return new ChoiceNode(nodes);
    }

    static ChoiceNode AnyValue(int depth)
    {
        List<GrammarNode> alternatives =
        [
            StringNode.Any,
            new NumberNode(isInteger: false),
            new LiteralNode([("true"u8.ToArray(), null), ("false"u8.ToArray(), null), ("null"u8.ToArray(), null)]),
        ];
        if (depth > 0)
        {
            var inner = AnyValue(depth - 1);
            alternatives.Add(new ArrayNode(inner, 0, null));
            alternatives.Add(new MapNode(inner));
        }

        return new ChoiceNode(alternatives);
    }

    static int? Limit(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var limit) && limit.ValueKind == JsonValueKind.Number && limit.TryGetInt32(out var value) ? Math.Max(value, 0) : null;

    static int? UpperLimit(JsonElement schema, string lower, string upper)
    {
        var limit = Limit(schema, upper);
        return limit >= Limit(schema, lower) || limit is null || Limit(schema, lower) is null
            ? limit
            : throw new NoosException($"A tool's schema has {upper} {limit} below its {lower}; correct the schema.");
    }
}
