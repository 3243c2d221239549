using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Noos.Core.Text;

namespace Noos.Server.OpenAi;

/// <summary>Reads the bodies of requests.</summary>
static class RequestBody
{
    // Of a field that comes twice one would be ignored.
    static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>Reads JSON; nothing at all counts as an object without fields.</summary>
    /// <exception cref="ApiException">The body is no JSON object.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, Func<RequestFields, T> read)
    {
        var body = await ReadAsync(http);
        return Parse(body.IsEmpty ? "{}"u8.ToArray() : body, root =>
        {
            var fields = new RequestFields(root);
            var request = read(fields);
            fields.RefuseUnknown();
            return request;
        });
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="ApiException">The body is no JSON object.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body, s_options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new ApiException(StatusCodes.Status400BadRequest, "The request body must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, $"The request body is not valid JSON: {JsonFault.Describe(exception)}.");
        }
        catch (InvalidOperationException)
        {
            // The JSON reader throws this for text with half a surrogate pair.
            throw new ApiException(StatusCodes.Status400BadRequest, "The request body holds text that is not valid Unicode.");
        }
    }
}
