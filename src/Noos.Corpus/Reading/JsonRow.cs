using System.Runtime.CompilerServices;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Text;

namespace Noos.Corpus.Reading;

/// <summary>One object of JSON lines, with the place it came from for messages.</summary>
/// <param name="Address">The file or page, as messages call it.</param>
/// <param name="Line">Line number, from 1.</param>
/// <param name="Value">A JSON object.</param>
public readonly record struct JsonRow(string Address, int Line, JsonElement Value)
{
    /// <summary>The rows of a text; each is valid until the next is asked for.</summary>
    /// <param name="content">Already decompressed; the caller disposes of it.</param>
    /// <param name="address">What messages call it.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="NoosException">A line is not a JSON object (<see cref="ErrorKind.Damaged"/>).</exception>
    public static async IAsyncEnumerable<JsonRow> ReadAsync(
        Stream content, string address, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (number, bytes) in LineReader.ReadAsync(content, address, cancellationToken))
        {
            using var document = Parse(bytes, address, number);
            yield return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonRow(address, number, document.RootElement)
                : throw new NoosException(ErrorKind.Damaged, $"Line {number} of '{address}' is not a JSON object.");
        }
    }

    /// <summary>A text field that must be there.</summary>
    /// <exception cref="NoosException">It is not, or is no Unicode text (<see cref="ErrorKind.Damaged"/>).</exception>
    public string Text(string field) => OptionalText(field)
        ?? throw new NoosException(ErrorKind.Damaged, $"Line {Line} of '{Address}' has no text field '{field}'.");

    /// <summary>A text field, or null where it is absent or of another kind.</summary>
    /// <exception cref="NoosException">It is no Unicode text (<see cref="ErrorKind.Damaged"/>).</exception>
    public string? OptionalText(string field)
    {
        try
        {
            return Value.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException exception)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"Line {Line} of '{Address}' has a field '{field}' that is not valid Unicode.", exception);
        }
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string address, int number)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException exception)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"Line {number} of '{address}' is not valid JSON: {JsonFault.Describe(exception, isLine: true)}.",
                exception);
        }
    }
}
