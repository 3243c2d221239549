using System.Net;
using Noos.Core;

namespace Noos.Cpus.Hub;

/// <summary>Why a server does not give a resource, in one sentence that says what to do.</summary>
static class HubRefusal
{
    const string CodeHeader = "X-Error-Code";
    const string Token = "an access token (made in the settings of your account there)";

    /// <param name="repository">"OWNER/REPO", or null for a file anywhere.</param>
    public static NoosException Explain(HttpResponseMessage response, HubOptions options, string? repository, string what)
    {
        var status = response.StatusCode;
        var code = response.Headers.TryGetValues(CodeHeader, out var codes) ? codes.FirstOrDefault() : null;
        if (repository is null)
        {
            return status == HttpStatusCode.NotFound
                ? new NoosException(ErrorKind.NotFound, $"There is no file at {what}; check the address.")
                : new NoosException(
                    ErrorKind.Refused,
                    $"The server does not give {what} ({(int)status}); check the address, or get the file with a browser.");
        }

        var page = new Uri(options.Endpoint, repository);
        return (code, status) switch
        {
            ("GatedRepo", _) or (null, HttpStatusCode.Forbidden) =>
                new NoosException(
                    ErrorKind.Refused,
                    $"The repository '{repository}' is open only to those who agreed to its terms; agree at {page}, set HF_TOKEN to "
                    + $"{Token} and pull again."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) when options.Token is not null =>
                new NoosException(
                    ErrorKind.Refused,
                    $"The repository '{repository}' does not exist, or the token in HF_TOKEN does not open it; check both at {page}."),
            ("EntryNotFound" or "RevisionNotFound", _) =>
                new NoosException(ErrorKind.NotFound, $"The repository '{repository}' has no {what}; look at {page}."),

            // To people without a token a private repository and none look the same.
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.NotFound) =>
                new NoosException(
                    ErrorKind.NotFound,
                    $"There is no repository '{repository}' at {options.Endpoint.Authority}; check the name, or if it is private set "
                    + $"HF_TOKEN to {Token}."),
            _ => new NoosException(
                ErrorKind.Unavailable,
                $"{options.Endpoint.Authority} does not give {what} of '{repository}' ({(int)status}); try later or another mirror "
                + "with --endpoint."),
        };
    }
}
