using System.Text.Json;
using Noos.Core.Schemas;

namespace Noos.Server.Tests;

/// <summary>OpenAI's published schema, of which the answers that we give are kept here (Schemas/openai.json).</summary>
static class OpenAiSchema
{
    static readonly JsonElement s_all = Load();

    /// <summary>The first fault of a value; null where it fits.</summary>
    public static string? FindFault(string type, JsonElement value)
    {
        Assert.True(s_all.GetProperty("$defs").TryGetProperty(type, out _), $"There is no {type} in the schema.");
        var schema = JsonElement.Parse($$"""{"$ref": "#/$defs/{{type}}", "$defs": {{s_all.GetProperty("$defs").GetRawText()}}}""");
        return JsonSchemaValidator.FindFault(schema, value);
    }

    public static void Check(string type, JsonElement value) =>
        Assert.True(FindFault(type, value) is not { } fault, $"{type}: {FindFault(type, value)}\n{value}");

    static JsonElement Load()
    {
        using var stream = typeof(OpenAiSchema).Assembly.GetManifestResourceStream("schemas/openai.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
