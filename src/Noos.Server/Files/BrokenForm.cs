using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Files;

/// <summary>What is said of a multipart body that is none: whoever sent it is to blame, not this server.</summary>
static class BrokenForm
{
    /// <summary>The exception is one of reading such a body, and its sender is still there.</summary>
    public static bool Is(Exception exception, HttpContext http) => !http.RequestAborted.IsCancellationRequested
        && (exception is InvalidDataException or ArgumentException || CauseOf(exception) is IOException);

    /// <summary>What its sender is told.</summary>
    public static Exception Explain(Exception exception) => CauseOf(exception) is BadHttpRequestException tooLong
        ? new ApiException(tooLong.StatusCode, tooLong.Message)
        : new ApiException(StatusCodes.Status400BadRequest, "The body is not valid multipart/form-data, or a part is too long.");

    // A file that ends in its middle is told by whoever copies it.
    static Exception? CauseOf(Exception exception) =>
        exception is NoosException { Kind: ErrorKind.Unavailable } ? exception.InnerException : exception;
}
