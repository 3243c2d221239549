using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Noos.Server;

/// <summary>The body of a refusal in OpenAI's shape.</summary>
sealed record ApiErrorBody(ApiErrorDetail Error);

sealed record ApiErrorDetail(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

/// <summary>A request that cannot be served, with the status and the body that say why.</summary>
#pragma warning disable CA1064, RCS1194 // Never leaves the server.
sealed class ApiException(int status, string message, string? param = null, string? code = null) : Exception(message)
#pragma warning restore CA1064, RCS1194
{
    public int Status { get; } = status;

    public ApiErrorBody Body => new(new ApiErrorDetail(Message, Status >= 500 ? "server_error" : "invalid_request_error", param, code));

    public static ApiException Invalid(string param, string message) => new(StatusCodes.Status400BadRequest, message, param, "invalid_value");
}
