using System.Text.Json;
using Noos.Core;

namespace Noos.Corpus.Reading;

/// <summary>One object of a JSON-lines file, with the place it came from for messages.</summary>
public readonly record struct JsonRow(string Path, int Line, JsonElement Value)
{
    /// <summary>The rows of a file; each is valid until the next is asked for.</summary>
    /// <exception cref="NoosException">A line is not a JSON object.</exception>
    public static IEnumerable<JsonRow> Read(string path)
    {
        foreach (var (number, bytes) in Lines.Read(path))
        {
            using var document = Parse(bytes, path, number);
            yield return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonRow(path, number, document.RootElement)
                : throw new NoosException($"Line {number} of '{path}' is not a JSON object.");
        }
    }

    /// <summary>A text field that must be there.</summary>
    public string Text(string field) => OptionalText(field)
        ?? throw new NoosException($"Line {Line} of '{Path}' has no text field '{field}'.");

    /// <summary>A text field, or null where it is absent or of another kind.</summary>
    public string? OptionalText(string field)
    {
        try
        {
            return Value.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException exception)
        {
            throw new NoosException($"Line {Line} of '{Path}' has a field '{field}' that is not valid Unicode.", exception);
        }
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string path, int number)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException exception)
        {
            throw new NoosException($"Line {number} of '{path}' is not valid JSON: {exception.Message}", exception);
        }
    }
}
