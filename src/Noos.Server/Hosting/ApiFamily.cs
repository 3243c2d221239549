using Microsoft.AspNetCore.Http;
using Noos.Server.Anthropic;
using Noos.Server.Ollama;
using Noos.Server.OpenAi;

namespace Noos.Server.Hosting;

/// <summary>Whose API an address belongs to: its clients read errors in its shape only.</summary>
enum ApiFamily
{
    /// <summary>OpenAI's, and all that is our own.</summary>
    OpenAi,

    Anthropic,

    Ollama,
}

/// <summary>Finds the family of a request, and answers in its shape.</summary>
static class ApiFamilies
{
    public static ApiFamily Of(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        return IsBelow(path, "/v1/messages") || (IsBelow(path, "/v1/models") && AnthropicEndpoints.IsClient(http)) ? ApiFamily.Anthropic
            : OllamaEndpoints.Paths.Any(own => path.EndsWith(own, StringComparison.OrdinalIgnoreCase)) ? ApiFamily.Ollama
            : ApiFamily.OpenAi;
    }

    /// <summary>Writes the body of a refusal.</summary>
    public static Task WriteErrorAsync(HttpContext http, ApiException error) => Of(http) switch
    {
        ApiFamily.Anthropic => http.Response.WriteAsJsonAsync(
            AnthropicError.From(error), AnthropicJson.Default.AnthropicError, cancellationToken: http.RequestAborted),
        ApiFamily.Ollama => http.Response.WriteAsJsonAsync(
            new OllamaError(error.Message), OllamaJson.Default.OllamaError, cancellationToken: http.RequestAborted),
        _ => http.Response.WriteAsJsonAsync(error.Body, WireJson.Default.ApiErrorBody, cancellationToken: http.RequestAborted),
    };

    // Wherever a host has mounted the API.
    static bool IsBelow(string path, string address) => path.EndsWith(address, StringComparison.OrdinalIgnoreCase)
        || path.Contains(address + "/", StringComparison.OrdinalIgnoreCase);
}
