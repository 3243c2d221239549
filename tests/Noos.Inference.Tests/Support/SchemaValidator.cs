using System.Text.Json;

namespace Noos.Inference.Tests.Support;

/// <summary>An independent check of the part of JSON Schema that constraints enforce.</summary>
static class SchemaValidator
{
    public static void Validate(JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var values))
        {
            Assert.Contains(values.EnumerateArray(), one => JsonElement.DeepEquals(one, value));
            return;
        }

        if (schema.TryGetProperty("anyOf", out var branches))
        {
            Assert.Contains(branches.EnumerateArray(), branch => branch.GetProperty("type").GetString() == TypeOf(value));
            return;
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return;
        }

        string[] types = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(one => one.GetString()!)]
            : [type.GetString()!];
        Assert.Contains(TypeOf(value), types.SelectMany(one => one == "number" ? new[] { "number", "integer" } : [one]));
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                ValidateObject(value, schema);
                break;
            case JsonValueKind.Array:
                Assert.InRange(value.GetArrayLength(), Number(schema, "minItems", 0), Number(schema, "maxItems", int.MaxValue));
                foreach (var item in value.EnumerateArray())
                {
                    Validate(item, schema.GetProperty("items"));
                }

                break;
            case JsonValueKind.String:
                var length = value.GetString()!.EnumerateRunes().Count();
                Assert.InRange(length, Number(schema, "minLength", 0), Number(schema, "maxLength", int.MaxValue));
                Assert.DoesNotContain('\uFFFD', value.GetRawText());
                break;
            case JsonValueKind.Number:
                Assert.True(double.IsFinite(value.GetDouble()));
                break;
        }
    }

    static void ValidateObject(JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            Assert.All(required.EnumerateArray(), name => Assert.True(value.TryGetProperty(name.GetString()!, out _), name.GetString()));
        }

        if (schema.TryGetProperty("properties", out var properties))
        {
            Assert.Equal(value.EnumerateObject().Count(), value.EnumerateObject().DistinctBy(property => property.Name).Count());
            foreach (var property in value.EnumerateObject())
            {
                Validate(property.Value, properties.GetProperty(property.Name));
            }
        }
        else if (schema.TryGetProperty("additionalProperties", out var additional))
        {
            foreach (var property in value.EnumerateObject())
            {
                Validate(property.Value, additional);
            }
        }
    }

    static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    static int Number(JsonElement schema, string name, int fallback) =>
        schema.TryGetProperty(name, out var number) ? number.GetInt32() : fallback;
}
