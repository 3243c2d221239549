using System.Text.Json;
using Noos.Core.Schemas;

namespace Noos.Core.Tests.Schemas;

public sealed class JsonSchemaValidatorTests
{
    const string Schema = """
        {
          "type": "object",
          "properties": {
            "expression": { "type": "string", "minLength": 1, "maxLength": 5 },
            "digits": { "type": "integer", "minimum": 0, "maximum": 9 },
            "unit": { "enum": ["deg", "rad"] },
            "list": { "type": "array", "items": { "type": ["number", "null"] }, "maxItems": 2 }
          },
          "required": ["expression"],
          "additionalProperties": false
        }
        """;

    [Theory]
    [InlineData("""{"expression":"1+1"}""")]
    [InlineData("""{"expression":"\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00"}""")]
    [InlineData("""{"expression":"1","digits":3.0,"unit":"rad","list":[1.5,null]}""")]
    public void Fitting_arguments_have_no_fault(string arguments) =>
        Assert.Null(JsonSchemaValidator.FindFault(JsonElement.Parse(Schema), JsonElement.Parse(arguments)));

    [Theory]
    [InlineData("[]", "The argument object must be of type object.")]
    [InlineData("{}", "The argument \"expression\" is missing.")]
    [InlineData("""{"expression":5}""", "The argument \"expression\" must be of type string.")]
    [InlineData("""{"expression":""}""", "The argument \"expression\" must have at least 1 characters.")]
    [InlineData("""{"expression":"123456"}""", "The argument \"expression\" must have at most 5 characters.")]
    [InlineData("""{"expression":"1","digits":1.5}""", "The argument \"digits\" must be of type integer.")]
    [InlineData("""{"expression":"1","digits":10}""", "The argument \"digits\" must be at most 9.")]
    [InlineData("""{"expression":"1","unit":"turn"}""", "The argument \"unit\" must be one of \"deg\", \"rad\".")]
    [InlineData("""{"expression":"1","list":[1,"2"]}""", "The argument \"list[1]\" must be of type number or null.")]
    [InlineData("""{"expression":"1","list":[1,2,3]}""", "The argument \"list\" must have at most 2 items.")]
    [InlineData("""{"expression":"1","extra":1}""", "The argument \"extra\" is not known.")]
    public void Faults_are_named(string arguments, string fault) =>
        Assert.Equal(fault, JsonSchemaValidator.FindFault(JsonElement.Parse(Schema), JsonElement.Parse(arguments)));

    // The table of the engine's grammar (TextGrammarTests): what a constrained model can write, the gate accepts.
    [Theory]
    [InlineData("""{"type": "integer", "minimum": -5, "maximum": 105}""", "[-5, 0, 7, 99, 105]", "[-6, 106, 1.5]")]
    [InlineData("""{"type": "integer", "minimum": 10, "multipleOf": 7}""", "[14, 21, 700]", "[7, 10, 15, -14]")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}""", "[0.5, 0.25, 0.000001]", "[0, 0.0, 0.51, 1, -0.1]")]
    [InlineData("""{"type": "number", "multipleOf": 0.05, "minimum": 1}""", "[1, 1.05, 12.350]", "[0.95, 1.01]")]
    [InlineData("""{"type": "string", "pattern": "^a+b?$"}""", "[\"a\", \"aaab\"]", "[\"\", \"b\", \"abb\", \"aba\", \"a\\n\"]")]
    [InlineData("""{"type": "string", "pattern": "b"}""", "[\"b\", \"abc\", \"\\n\\\"b\"]", "[\"\", \"ac\"]")]
    [InlineData("""{"type": "string", "pattern": "^(ab)*$", "minLength": 3, "maxLength": 5}""", "[\"abab\"]", "[\"ab\", \"ababab\", \"\"]")]
    [InlineData("""{"type": "string", "pattern": "^.{2}\\d[^\\w-]$"}""", "[\"\u00e9\U0001F6001!\"]",
        "[\"ab12\", \"ab\u06601\", \"a\\n1!\", \"ab1-\"]")]
    [InlineData("""{"type": "string", "pattern": "^(?=a)ab$"}""", "[\"ab\"]", "[\"b\"]")]
    [InlineData("""{"type": "string", "pattern": "(a"}""", "[\"b\"]", "[]")]
    [InlineData("""{"anyOf": [{"const": "abc"}, {"type": "string", "pattern": "^ab[x-z]$"}, {"enum": ["abcd", 1]}]}""",
        "[\"abc\", \"abcd\", \"abx\", 1]", "[\"ab\", \"abq\", 2]")]
    [InlineData("""{"enum": ["a", 5, null], "type": ["string", "null"]}""", "[\"a\", null]", "[5]")]
    [InlineData("""{"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": {"type": "boolean"}}""",
        "[[], [1], [1, \"x\", true, false]]", "[[2], [1, 1], [1, \"x\", 1]]")]
    [InlineData("""{"items": [{"const": 1}], "additionalItems": false}""", "[[], [1]]", "[[2], [1, 1]]")]
    [InlineData("""{"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true, "minItems": 1}""", "[[\"a\"], [\"b\", \"a\"]]",
        "[[], [\"a\", \"a\"]]")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}}""",
        "[{}, {\"a\": 1}, {\"b\": true, \"a\": 1}]", "[{\"a\": true}, {\"b\": 1}]")]
    [InlineData("""{"type": "object", "required": ["c"], "minProperties": 2, "maxProperties": 2}""", "[{\"a\": 1, \"c\": 2}]",
        "[{\"c\": 1}, {\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": 1, \"c\": 1}]")]
    [InlineData("""{"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": false}""", "[{}, {\"x1\": 1, \"x2\": 2}]",
        "[{\"x1\": \"\"}, {\"y\": 1}]")]
    [InlineData("""{"propertyNames": {"maxLength": 2}}""", "[{\"ab\": 1}]", "[{\"abc\": 1}]")]
    [InlineData("""{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}""",
        "[{}, {\"next\": {\"next\": {}}}]", "[{\"next\": 1}]")]
    [InlineData("""{"properties": {"a": {"$ref": "#/definitions/a~1b"}}, "definitions": {"a/b": {"type": "integer"}}}""", "[{\"a\": 1}]",
        "[{\"a\": true}]")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": false}}""", "[{\"a\": 1}, {}]", "[{\"b\": 1}]")]
    [InlineData("""{"allOf": [{"properties": {"a": {"minimum": 3}}}, {"properties": {"a": {"type": "integer", "maximum": 4}}}]}""",
        "[{\"a\": 3}, {\"a\": 4}]", "[{\"a\": 5}, {\"a\": 2}]")]
    [InlineData("""{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}""", "[{\"a\": \"\"}, {\"b\": \"\"}]",
        "[{}, {\"a\": \"\", \"b\": \"\"}]")]
    [InlineData("""{"not": {"type": "string"}}""", "[1, null]", "[\"a\"]")]
    [InlineData("""{"$ref": "https://example.org/schema", "format": "date"}""", "[1, \"x\"]", "[]")]
    [InlineData("true", "[1, \"x\", [[]], {\"a\": {\"b\": null}}]", "[]")]
    public void Schema_allows_what_validates_and_nothing_else(string schema, string allowed, string forbidden)
    {
        Assert.All(JsonElement.Parse(allowed).EnumerateArray(), value =>
            Assert.Null(JsonSchemaValidator.FindFault(JsonElement.Parse(schema), value)));
        Assert.All(JsonElement.Parse(forbidden).EnumerateArray(), value =>
            Assert.EndsWith(".", JsonSchemaValidator.FindFault(JsonElement.Parse(schema), value), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"$ref": "#"}""", "{}")]
    [InlineData("""{"anyOf": [{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"$ref": "#"}]}""", "{}")]
    [InlineData("""{"pattern": "^(?=(a+)+$)b"}""", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"")]
    public void Schema_that_would_take_forever_is_a_fault_soon(string schema, string value) =>
        Assert.NotNull(JsonSchemaValidator.FindFault(JsonElement.Parse(schema), JsonElement.Parse(value)));

    [Theory]
    [InlineData("""{"anyOf": [{"type": "string", "maxLength": 1}, {"type": "integer"}]}""", "\"ab\"",
        "The argument object must have at most 1 characters.")]
    [InlineData("""{"anyOf": [{"type": "string"}, {"type": "integer"}]}""", "true", "The argument object fits none of its 2 alternatives.")]
    [InlineData("""{"properties": {"a": {"exclusiveMinimum": 0}}}""", """{"a": 0}""", "The argument \"a\" must be more than 0.")]
    public void Fault_of_the_alternative_that_was_meant_is_named(string schema, string value, string fault) =>
        Assert.Equal(fault, JsonSchemaValidator.FindFault(JsonElement.Parse(schema), JsonElement.Parse(value)));
}
