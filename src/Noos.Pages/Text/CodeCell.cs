using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Pages.Text;

/// <summary>Code of an answer that an interpreter here may run.</summary>
/// <param name="Tool">The tool that runs it.</param>
/// <param name="Code">All of it.</param>
public sealed record CodeCell(string Tool, string Code)
{
    const string Argument = "code";

    /// <summary>The tool for a language by its name behind the fence; null for a language that nothing here runs.</summary>
    public static string? ToolFor(string? language) => CodeFigure.NameOf(language?.Trim()).ToLowerInvariant() switch
    {
        "python" or "py" or "python3" => "python",
        "javascript" or "js" => "javascript",
        _ => null,
    };

    /// <summary>The code that a call runs; null for a call of anything else.</summary>
    public static CodeCell? From(ToolCallPart call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Arguments.ValueKind == JsonValueKind.Object && call.Arguments.TryGetProperty(Argument, out var code)
            && code.ValueKind == JsonValueKind.String ? new CodeCell(call.Name, code.GetString()!) : null;
    }

    /// <summary>The call that runs it, as a model would make it.</summary>
    public ToolCallPart ToCall(string id)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            json.WriteString(Argument, Code);
            json.WriteEndObject();
        }

        return new ToolCallPart(Tool, JsonElement.Parse(content.ToArray()), id);
    }
}
