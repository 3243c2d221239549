using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Noos.Core;

namespace Noos.Server.OpenAi;

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

    /// <summary>How long a client should wait before it tries the same again; null where trying again cannot help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public ApiErrorBody Body => new(new ApiErrorDetail(Message, TypeFor(Status), param, code));

    public static ApiException Invalid(string param, string message) =>
        new(StatusCodes.Status400BadRequest, message, param, "invalid_value");

    /// <summary>What a client sees of a failure: the status and the wait that its kind decides, and its own sentence.</summary>
    public static ApiException From(NoosException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Code == NoosException.Stopping
            // Not a gateway that fails but this very server, which is gone for a while.
            ? new ApiException(StatusCodes.Status503ServiceUnavailable, exception.Message, code: exception.Code)
            {
                RetryAfter = exception.RetryAfter ?? RetryAfterFor(exception.Kind),
            }
            : For(exception.Kind, exception.Message, exception.Parameter, exception.Code, exception.RetryAfter);
    }

    /// <inheritdoc cref="From(NoosException)"/>
    public static ApiException For(
        ErrorKind kind, string message, string? param = null, string? code = null, TimeSpan? retryAfter = null) =>
        new(
            kind.HttpStatus(),
            message,
            param,
            code ?? (kind == ErrorKind.Invalid ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString())))
        {
            RetryAfter = retryAfter ?? RetryAfterFor(kind),
        };

    // OpenAI's names (https://platform.openai.com/docs/guides/error-codes): clients choose the type of their exception by the status, and
    // show the name.
    static string TypeFor(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    static TimeSpan? RetryAfterFor(ErrorKind kind) => kind switch
    {
        // A place in the queue is free as soon as an answer ends, which is soon; a network or a full memory takes longer to recover.
        ErrorKind.Busy => TimeSpan.FromSeconds(1),
        _ when kind.CanRetry() => TimeSpan.FromSeconds(5),
        _ => null,
    };
}
