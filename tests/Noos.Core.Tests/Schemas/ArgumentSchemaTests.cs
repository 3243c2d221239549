using System.Text.Json;
using Noos.Core.Schemas;

namespace Noos.Core.Tests.Schemas;

public sealed class ArgumentSchemaTests
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
        Assert.Null(ArgumentSchema.FindFault(JsonElement.Parse(Schema), JsonElement.Parse(arguments)));

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
        Assert.Equal(fault, ArgumentSchema.FindFault(JsonElement.Parse(Schema), JsonElement.Parse(arguments)));
}
