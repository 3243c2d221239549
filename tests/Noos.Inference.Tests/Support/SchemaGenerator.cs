using System.Text.Json;
using System.Text.Json.Nodes;

namespace Noos.Inference.Tests.Support;

/// <summary>Schemas of every kind, by seed.</summary>
sealed class SchemaGenerator(int seed)
{
    static readonly string[] s_names = ["id", "name", "na", "größe", "a\"b", "tags", "value", "x-1", "next", "kind"];
    static readonly string[] s_patterns =
    [
        "^[a-z]+$", "^\\d{3}-\\d{4}$", "^(foo|bar)+$", "[A-Z]{2}", "^\\w{1,8}$", "^[^\"\\\\]{0,5}$", "^#[0-9a-f]{6}$", "^\\s*x?$",
        "^.{2,5}$", "^(a|b(c|d){1,2})*e$", "^v\\d+(\\.\\d+){0,2}$", "é|ü",
    ];

    static readonly string[] s_formats = ["date", "date-time", "time", "uuid", "ipv4", "ipv6", "email", "uri", "hostname", "unknown"];

    readonly Random _random = new(seed);
    bool _hasDefinitions;

    public JsonElement Generate()
    {
        var schema = Schema(0);
        if (_hasDefinitions)
        {
            schema["$defs"] = new JsonObject
            {
                // A list and a tree that refer to themselves.
                ["list"] = JsonNode.Parse(
                    """
                    {"type": "object",
                     "properties": {"head": {"type": "integer"}, "tail": {"anyOf": [{"$ref": "#/$defs/list"}, {"type": "null"}]}},
                     "required": ["head"]}
                    """),
                ["tree"] = JsonNode.Parse(
                    """
                    {"type": "object", "required": ["leaf"],
                     "properties": {
                       "leaf": {"type": "string", "maxLength": 4},
                       "children": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/tree"}}}}
                    """),
                ["small/int"] = JsonNode.Parse("""{"type": "integer", "minimum": 0, "maximum": 9}"""),
            };
        }

        return JsonSerializer.SerializeToElement(schema);
    }

    JsonObject Schema(int depth) => _random.Next(depth > 2 ? 6 : 14) switch
    {
        0 => Text(),
        1 => Integer(),
        2 => Number(),
        3 => new JsonObject { ["type"] = _random.Next(2) == 0 ? "boolean" : "null" },
        4 => Literals(),
        5 => Reference(),
        6 => Array(depth),
        7 => Tuple(depth),
        8 => new JsonObject { ["anyOf"] = Several(() => Schema(depth + 1), 1, 3) },
        9 => OneOf(depth),
        10 => AllOf(depth),
        11 => Map(depth),
        12 => Mixed(),
        _ => Object(depth),
    };

    JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (_random.Next(5))
        {
            case 0:
                schema["pattern"] = Pick(s_patterns);
                break;
            case 1:
                schema["format"] = Pick(s_formats);
                break;
            case 2:
                schema["pattern"] = "^[a-c]*$";
                schema["minLength"] = _random.Next(3);
                schema["maxLength"] = _random.Next(3, 9);
                break;
            default:
                schema["minLength"] = _random.Next(4);
                schema["maxLength"] = _random.Next(4, 40);
                break;
        }

        return schema;
    }

    JsonObject Integer()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        var min = _random.Next(-2000, 2000);
        AddMaybe(schema, "minimum", min);
        AddMaybe(schema, "exclusiveMaximum", min + _random.Next(40, 5000));
        AddMaybe(schema, "multipleOf", _random.Next(1, 30));
        return schema;
    }

    JsonObject Number()
    {
        var schema = new JsonObject { ["type"] = "number" };
        var min = Math.Round((decimal)(_random.NextDouble() * 20) - 10, 3);
        AddMaybe(schema, "exclusiveMinimum", min);
        AddMaybe(schema, "maximum", min + Math.Round((decimal)_random.NextDouble() * 5, 2) + 1);
        if (_random.Next(4) == 0)
        {
            schema["multipleOf"] = Pick([0.5m, 0.25m, 0.01m, 0.1m]);
        }

        return schema;
    }

    JsonObject Literals() => _random.Next(3) == 0
        ? new JsonObject { ["const"] = Literal() }
        : new JsonObject { ["enum"] = Several(Literal, 1, 6) };

    JsonNode? Literal() => _random.Next(8) switch
    {
        0 => null,
        1 => _random.Next(-50, 50),
        2 => true,
        3 => new JsonObject { ["a"] = new JsonArray(1, "b", null), ["c"] = "\"\n" },
        4 => 2.5,
        _ => Pick(["red", "re", "green \"g\"", "größe", "", "a\\b"]),
    };

    JsonObject Reference()
    {
        _hasDefinitions = true;
        return new JsonObject { ["$ref"] = Pick(["#/$defs/list", "#/$defs/tree", "#/$defs/small~1int"]) };
    }

    JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Schema(depth + 1), ["maxItems"] = _random.Next(2, 5) };
        AddMaybe(schema, "minItems", _random.Next(3));
        if (_random.Next(4) == 0)
        {
            schema["items"] = new JsonObject { ["enum"] = new JsonArray(1, 12, "a", "ab") };
            schema["uniqueItems"] = true;
        }

        return schema;
    }

    JsonObject Tuple(int depth)
    {
        var schema = new JsonObject { ["type"] = "array", ["prefixItems"] = Several(() => Schema(depth + 1), 1, 3) };
        switch (_random.Next(3))
        {
            case 0:
                schema["items"] = false;
                break;
            case 1:
                schema["items"] = new JsonObject { ["type"] = "integer" };
                schema["minItems"] = _random.Next(5);
                schema["maxItems"] = _random.Next(5, 7);
                break;
        }

        return schema;
    }

    JsonObject Object(int depth)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var names = s_names.OrderBy(_ => _random.Next()).Take(_random.Next(1, 6)).ToArray();
        schema["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)Schema(depth + 1))));
        schema["required"] = new JsonArray([.. names.Where(_ => _random.Next(2) == 0).Select(name => JsonValue.Create(name))]);
        switch (_random.Next(5))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = Text();
                schema["maxProperties"] = names.Length + 1;
                break;
            case 2:
                schema["minProperties"] = 1;
                break;
            case 3:
                schema["patternProperties"] = new JsonObject { ["^x-[a-z]{1,3}$"] = Integer() };
                schema["additionalProperties"] = false;
                schema["maxProperties"] = names.Length + 2;
                break;
        }

        return schema;
    }

    JsonObject Map(int depth)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = Schema(depth + 1),
            ["maxProperties"] = _random.Next(1, 4),
        };
        AddMaybe(schema, "minProperties", 1);
        if (_random.Next(3) == 0)
        {
            schema["propertyNames"] = new JsonObject { ["pattern"] = "^[a-z]{1,4}$" };
        }

        return schema;
    }

    JsonObject OneOf(int depth)
    {
        // Branches that differ in type, or in the value of a property.
        if (_random.Next(2) == 0)
        {
            return new JsonObject
            {
                ["oneOf"] = new JsonArray(Text(), Integer(), Array(depth + 1), new JsonObject { ["type"] = "boolean" }),
            };
        }

        return new JsonObject { ["oneOf"] = new JsonArray(Branch("cat"), Branch("dog")) };

        JsonObject Branch(string kind) => new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["const"] = kind }, ["more"] = Schema(depth + 1) },
            ["required"] = new JsonArray("kind"),
        };
    }

    JsonObject AllOf(int depth) => _random.Next(3) switch
    {
        0 => new JsonObject
        {
            ["allOf"] = new JsonArray(new JsonObject { ["type"] = "integer", ["minimum"] = 5 }, new JsonObject { ["maximum"] = 50 },
                new JsonObject { ["multipleOf"] = 3 }),
        },
        1 => new JsonObject
        {
            ["allOf"] = new JsonArray(
                new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["a"] = Schema(depth + 1) } },
                new JsonObject
                {
                    ["properties"] = new JsonObject { ["b"] = new JsonObject { ["type"] = "integer" } },
                    ["required"] = new JsonArray("b"),
                }),
        },
        _ => new JsonObject
        {
            ["allOf"] = new JsonArray(
                new JsonObject { ["type"] = "string", ["pattern"] = "^[a-f]+$" }, new JsonObject { ["pattern"] = "b" }),
            ["maxLength"] = 6,
        },
    };

    JsonObject Mixed() => new()
    {
        ["type"] = new JsonArray(
            JsonValue.Create("string"), JsonValue.Create("null"), JsonValue.Create(Pick(["integer", "number", "boolean"]))),
        ["minLength"] = 1,
        ["maxLength"] = 12,
        ["minimum"] = -1.5,
        ["description"] = "Several types, each with its limits.",
    };

    JsonArray Several(Func<JsonNode?> make, int min, int max) =>
        new([.. Enumerable.Range(0, _random.Next(min, max + 1)).Select(_ => make())]);

    T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    void AddMaybe<T>(JsonObject schema, string name, T value)
    {
        if (_random.Next(2) == 0)
        {
            schema[name] = JsonValue.Create(value);
        }
    }
}
