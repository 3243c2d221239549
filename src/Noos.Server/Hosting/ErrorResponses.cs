using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Hosting;

/// <summary>
/// Turns whatever a handler throws into an answer in the shape of its API, with the status of its <see cref="ErrorKind"/>.
/// </summary>
/// <param name="logger">Told of failures.</param>
/// <param name="timeProvider">The clock of clients that send slowly.</param>
sealed class ErrorResponses(ILogger logger, TimeProvider timeProvider)
{
    public RequestDelegate Wrap(RequestDelegate next) => async http =>
    {
        try
        {
            await next(http);
            if (http.Response is
                {
                    HasStarted: false,
                    StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed,
                    ContentLength: null,
                })
            {
                // Routing found nothing and said so without a body.
                throw new ApiException(
                    http.Response.StatusCode, $"{http.Request.Method} {http.Request.Path} is not served here.", code: "not_found");
            }
        }
        catch (Exception exception) when (exception is ConnectionResetException
            || (exception is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested))
        {
            // The client went away: there is nobody left to answer.
        }
#pragma warning disable CA1031 // The client gets an answer in the promised shape whatever happens; the log has the cause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await AnswerAsync(http, exception);
        }
    };

    async Task AnswerAsync(HttpContext http, Exception exception)
    {
        var (answer, isOurFault) = Explain(exception);
        if (isOurFault)
        {
            Log.RequestFailed(logger, http.Request.Method, RouteOf(http), ExceptionTrace.Describe(exception));
        }
        else if (answer.Status >= StatusCodes.Status500InternalServerError)
        {
            Log.RequestNotServed(logger, http.Request.Method, RouteOf(http), answer.Status, ReasonOf(exception));
        }

        if (http.Response.HasStarted)
        {
            // A status cannot be taken back; an answer that ends in the middle must not look complete.
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (answer.Status == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110: a 401 names the ways to prove who one is.
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await ApiFamilies.WriteErrorAsync(http, answer);
        await UnreadBody.DrainAsync(http, timeProvider);
    }

    // What was heard from elsewhere may quote the question.
    static string ReasonOf(Exception exception) =>
        exception is NoosException { Kind: not ErrorKind.Unavailable } ? exception.Message : ExceptionTrace.Name(exception);

    /// <summary>The address as it was mapped: names of files and words of a search are nobody else's business.</summary>
    internal static string RouteOf(HttpContext http) =>
        (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } pattern ? $"/{pattern.TrimStart('/')}" : "(no route)";

    static (ApiException Answer, bool IsOurFault) Explain(Exception exception) => exception switch
    {
        ApiException refusal => (refusal, false),
        NoosException { Kind: ErrorKind.Internal } fault => (ApiException.From(fault), true),
        NoosException failure => (ApiException.From(failure), false),
        BadHttpRequestException bad => (new ApiException(bad.StatusCode, bad.Message), false),
        OutOfMemoryException =>
            (ApiException.For(
                ErrorKind.OutOfMemory, "This machine has not enough memory for the request now; shorten it, or try again later."), true),

        // Its message may tell of the inside of the server, or of other people's requests.
        _ => (ApiException.For(ErrorKind.Internal, "The server failed; its log says why."), true),
    };
}
